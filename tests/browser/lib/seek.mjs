// Looks for what must not be there: every marker as UTF-8, as UTF-16LE and as base64 at each of its three alignments, in every
// file below a folder. Markers share a few beginnings, so that a whole profile is read once for each beginning.
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

/** The bytes a text may stand as. The ends of a base64 piece depend on its neighbours and are cut off. */
export function encodings(text) {
  const bytes = Buffer.from(text, "utf8");
  const forms = [["utf-8", bytes], ["utf-16le", Buffer.from(text, "utf16le")]];
  for (const shift of [0, 1, 2]) {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64").replaceAll("=", "");
    const first = Math.ceil((shift * 8) / 6);
    const last = Math.floor(((shift + bytes.length) * 8) / 6);
    forms.push([`base64 at ${shift}`, Buffer.from(encoded.slice(first, last), "latin1")]);
  }
  return forms;
}

/** Every file below a folder. */
async function filesBelow(folder) {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

/** Where any of the texts stands in these bytes. */
export function seekIn(bytes, texts) {
  const found = [];
  for (const text of texts) {
    for (const [form, needle] of encodings(text)) {
      const place = bytes.indexOf(needle);
      if (place >= 0) found.push({ text, form, place });
    }
  }
  return found;
}

/** Where any of the texts stands below these folders, and how much was read. */
export async function seekBelow(folders, texts) {
  const found = [];
  let files = 0;
  let read = 0;
  for (const folder of folders) {
    for (const path of await filesBelow(folder)) {
      const bytes = await readFile(path).catch(() => Buffer.alloc(0));
      files += 1;
      read += bytes.length;
      for (const hit of seekIn(bytes, texts)) found.push({ ...hit, path });
    }
  }
  return { found, files, read };
}
