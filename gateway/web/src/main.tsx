import { render } from "preact";
import { App } from "./App";
import { keepListening } from "./state/listen";
import { keepMediaSession } from "./state/mediaSession";
import { keepPrefs } from "./state/prefs";
import { keepQueue } from "./state/queue";
import { begin } from "./state/session";
import { keepShelves } from "./state/shelves";
import "./styles/index.css";
import { keepShortcuts } from "./ui/shortcuts";

const root = document.getElementById("app");
if (root) {
  keepPrefs();
  keepQueue();
  keepShelves();
  keepListening();
  keepMediaSession();
  keepShortcuts();
  render(<App />, root);
  void begin();
}
