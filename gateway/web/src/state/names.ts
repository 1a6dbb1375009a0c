import { en } from "../i18n/en";
import { ko } from "../i18n/ko";
import { t } from "../i18n";
import type { Device, Zone } from "../api/types";

// The gateway names its first zone and its own player in English. Until somebody
// has given them a name, the page says these in its own language.

/** A zone, its name in the page's language where the gateway gave it. */
export function namedZone(z: Zone): Zone {
  return [en, ko].some((words) => words["zones.first"] === z.name) ? { ...z, name: t("zones.first") } : z;
}

/** A device, the same. */
export function namedDevice(d: Device): Device {
  if (!d.own) return d;
  for (const words of [en, ko]) {
    const behind = words["speakers.own"].replace("{name}", "");
    if (d.name.endsWith(behind)) return { ...d, name: t("speakers.own", { name: d.name.slice(0, -behind.length) }) };
  }
  return d;
}
