// Pictures of every screen at the size of a cheap tablet, by day and by night, to be looked at. They fail only when a screen
// cannot be reached or complains.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Relay } from "../lib/relay.mjs";
import { Tablet } from "../lib/tablet.mjs";
import { options, suite } from "../lib/run.mjs";
import { PEOPLE, walkOver } from "../lib/walk.mjs";

const shots = (name, desk, colorScheme, language) => async (context) => {
  const relay = await Relay.start(context, { size: 66 });
  const tablet = await Tablet.start(context, { colorScheme });
  const folder = join(options.out, language, colorScheme, desk);
  await mkdir(folder, { recursive: true });
  await walkOver({ tablet, relay, name, desk, language }, (screen) => tablet.picture(join(folder, `${screen}.png`)));
  tablet.expectQuiet();
};

const tests = options.languages.flatMap((language) => ["light", "dark"].flatMap((scheme) => PEOPLE.map(([name, desk]) => [
  `${desk}, ${scheme}, ${language}`, shots(name, desk, scheme, language)])));

await suite("shots", tests);
