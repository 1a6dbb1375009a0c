import { api } from "../../api/client";
import type { Zone } from "../../api/types";
import { t } from "../../i18n";
import { zoneList } from "../../state/live";
import { attempt } from "../../state/toasts";
import { askName, confirmThen } from "../../ui/dialogs";
import { IconButton } from "../../ui/IconButton";

export function ZoneMenu({ zone: z }: { zone: Zone }) {
  const rename = () =>
    askName(t("common.rename"), t("zones.name"), z.name, async (name) => {
      return (await attempt(() => api.changeZone(z.id, { name }))) !== undefined;
    });
  const remove = () =>
    confirmThen(t("zones.delete.ask", { name: z.name }), t("zones.delete.hint"), t("common.delete"), () => attempt(() => api.deleteZone(z.id)));
  return (
    <span class="zone-menu">
      <IconButton icon="pencil" label={`${t("common.rename")}: ${z.name}`} onClick={rename} size={20} />
      {zoneList.value.length > 1 && <IconButton icon="trash" label={`${t("common.delete")}: ${z.name}`} onClick={remove} size={20} />}
    </span>
  );
}
