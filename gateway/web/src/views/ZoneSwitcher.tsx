import { t } from "../i18n";
import { members, zone, zoneList } from "../state/live";
import { chosenZone } from "../state/prefs";
import { Dialog } from "../ui/Dialog";
import { closeDialog, openDialog } from "../ui/dialogs";
import { Icon } from "../ui/icons";
import { newZone } from "./speakers/forms";

/** Which room this browser controls. */
export function ZoneSwitcher() {
  const z = zone.value;
  return (
    <button type="button" class="zone-switcher" aria-label={t("zones.choose", { name: z?.name ?? "–" })} onClick={() => openDialog(<ZoneDialog />)}>
      <span class={`zone-dot ${z?.state ?? "stopped"}`} />
      <span class="zone-label">{z?.name ?? "–"}</span>
      <Icon name="down" size={18} />
    </button>
  );
}

function ZoneDialog() {
  return (
    <Dialog title={t("zones.title")} onClose={closeDialog}>
      <ul class="sheet-actions">
        {zoneList.value.map((z) => (
          <li key={z.id}>
            <button
              type="button"
              aria-pressed={z.id === zone.value?.id}
              onClick={() => {
                chosenZone.value = z.id;
                closeDialog();
              }}
            >
              <span class={`zone-dot ${z.state}`} />
              <span class="row-text">
                <span class="row-title">{z.name}</span>
                <span class="row-sub">{members(z).map((d) => d.name).join(", ") || t("zones.noSpeakers")}</span>
              </span>
              {z.id === zone.value?.id && <Icon name="check" />}
            </button>
          </li>
        ))}
      </ul>
      <div class="actions">
        <button type="button" class="button" onClick={newZone}>
          <Icon name="plus" size={20} />
          {t("zones.new")}
        </button>
      </div>
    </Dialog>
  );
}
