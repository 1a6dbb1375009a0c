import { lang } from "../state/prefs";
import phrasesKo from "./phrases.ko.json";
import tagsKo from "./tags.ko.json";

/** What the gateway says, as gateway/api/openapi.yaml describes it. */
export type Phrase = string | { code: string; args: Phrase[] };

// English is what the gateway sends; each other language has its own sentence
// for every code (gateway/phrase), and names of common genres and moods.
interface Tongue {
  phrases: Readonly<Record<string, string>>;
  tags: Readonly<Record<string, string>>;
}
const tongues: Readonly<Record<string, Tongue>> = { ko: { phrases: phrasesKo, tags: tagsKo } };

/** The gateway's sentence in the chosen language; its English where there is none. */
export function said(english: string, phrase: Phrase | undefined): string {
  const tongue = tongues[lang.value];
  if (!tongue || phrase === undefined || typeof phrase === "string") return english;
  return inTongue(tongue, phrase) ?? english;
}

// An argument that cannot be said takes the whole sentence back to English.
function inTongue(tongue: Tongue, phrase: Phrase): string | undefined {
  if (typeof phrase === "string") return phrase;
  const sentence = tongue.phrases[phrase.code];
  if (sentence === undefined) return undefined;
  const tagged = /^why\.(context|tags|taste)$/.test(phrase.code);
  const args: string[] = [];
  for (const arg of phrase.args) {
    const text = inTongue(tongue, arg);
    if (text === undefined) return undefined;
    args.push(tagged ? names(tongue, text) : text);
  }
  return sentence.replace(/\{(\d)\}/g, (blank, n: string) => args[Number(n) - 1] ?? blank);
}

function names(tongue: Tongue, joined: string): string {
  return joined.split(", ").map((name) => tongue.tags[name.toLowerCase()] ?? name).join(", ");
}

/** A genre, a mood, or a sound in several words as the chosen language calls it. */
export function tagName(name: string): string {
  const tongue = tongues[lang.value];
  return tongue ? names(tongue, name) : name;
}
