import { t } from "../i18n";

/** A name by which the household knows this tab: "Chrome on Android". */
export function tabName(agent = navigator.userAgent): string {
  const browser = first(agent, [/Edg\//, "Edge"], [/Firefox|FxiOS/, "Firefox"], [/SamsungBrowser/, "Samsung Internet"], [/Chrome|CriOS/, "Chrome"], [/Safari/, "Safari"]);
  const system = first(agent, [/iPhone/, "iPhone"], [/iPad/, "iPad"], [/Android/, "Android"], [/Mac OS/, "Mac"], [/Windows/, "Windows"], [/Linux/, "Linux"]);
  if (!browser) return t("kind.browser");
  return system ? t("listen.tabName", { browser, system }) : browser;
}

function first(text: string, ...rules: [RegExp, string][]): string {
  return rules.find(([pattern]) => pattern.test(text))?.[1] ?? "";
}
