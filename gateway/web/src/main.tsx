import { render } from "preact";
import { App } from "./App";
import { keepListening } from "./state/listen";
import { keepSpeaking } from "./state/speak";
import { keepMediaSession } from "./state/mediaSession";
import { keepPrefs } from "./state/prefs";
import { keepQueue } from "./state/queue";
import { begin } from "./state/session";
import { keepShelves } from "./state/shelves";
import { keepTitle } from "./state/title";
import { keepShortcuts } from "./ui/shortcuts";
import "./styles/index.css";

const root = document.getElementById("app");
if (root) {
  keepPrefs();
  keepQueue();
  keepShelves();
  keepListening();
  keepSpeaking();
  keepMediaSession();
  keepShortcuts();
  keepTitle();
  render(<App />, root);
  void begin();
}
