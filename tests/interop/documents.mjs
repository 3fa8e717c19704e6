// The documents of docs/protocol.md §4 and §5, with npm's Automerge. Written from that page alone.

import * as Automerge from "@automerge/automerge";
import { hash16, hex, unhex, utf8 } from "./wire.mjs";

/** The constant first change (vector `genesis`). */
export const GENESIS = unhex(
  "856f4a833778ec0301300010000000000000000000000000000000000101000000051507340142025602" +
    "70027d01660172017403030003000300",
);

const text = (value) => new Automerge.ImmutableString(value);
const scalar = (value) => (typeof value === "string" ? text(value) : value);

/** A document that holds genesis alone, to be written by `account` with an actor that Automerge draws. */
export const open = (account) => begin({ author: hex(account) });

/** A document that holds genesis alone, to be written by this very actor, who has named its author elsewhere. */
export const openAs = (actor) => begin({ actor: hex(actor) });

function begin(options) {
  let document = Automerge.init(options);
  [document] = Automerge.applyChanges(document, [GENESIS]);
  return document;
}

/** The derived change that makes the text at `key`. */
export function textChange(key) {
  let document = Automerge.init({ actor: hex(hash16("simpul/text", utf8(key))) });
  [document] = Automerge.applyChanges(document, [GENESIS]);
  document = Automerge.change(document, { time: 0 }, (root) => {
    root.t[key] = "";
  });
  return Automerge.getLastLocalChange(document);
}

/** Puts a scalar into `f`. Null goes first where values stand side by side, so that the library deletes none of them (§5). */
export const setField = (document, key, value, time) =>
  Automerge.change(document, { time }, (root) => {
    if (Automerge.getConflicts(document.f, key)) root.f[key] = null;
    root.f[key] = scalar(value);
  });

/** Makes a row with all its first fields. */
export const addRow = (document, key, fields, time) =>
  Automerge.change(document, { time }, (root) => {
    root.r[key] = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, scalar(value)]));
  });

/** Inserts into a text that exists. */
export const insertText = (document, key, at, inserted, time) =>
  Automerge.change(document, { time }, (root) => {
    Automerge.splice(root, ["t", key], at, 0, inserted);
  });

/** Every current value of a field, in no order. */
export function valuesOf(document, key) {
  const values = Automerge.getConflicts(document.f, key) ?? { only: document.f[key] };
  return Object.values(values).map((value) => (value instanceof Automerge.ImmutableString ? value.val : value));
}

export const apply = (document, changes) => Automerge.applyChanges(document, changes)[0];
export const lastChange = (document) => Automerge.getLastLocalChange(document);
export const hashOf = (change) => unhex(Automerge.decodeChange(change).hash);
export const headsOf = (document) => Automerge.getHeads(document).map(unhex);
export { Automerge };
