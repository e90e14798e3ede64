import { type MantineColorScheme, useMantineColorScheme } from "@mantine/core";
import { IconBrightnessAuto, IconMoon, IconSun } from "@tabler/icons-react";

const schemes = {
  light: { Icon: IconSun, next: "dark" },
  dark: { Icon: IconMoon, next: "auto" },
  auto: { Icon: IconBrightnessAuto, next: "light" },
} as const satisfies Record<MantineColorScheme, unknown>;

/** Light, dark, or as the system has it. The browser remembers it. */
export function ColourSchemeSwitch() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { Icon, next } = schemes[colorScheme];
  const label = `Colours: ${colorScheme}. Change to ${next}`;
  return (
    <button
      type="button"
      className="header-button"
      aria-label={label}
      title={label}
      onClick={() => setColorScheme(next)}
    >
      <Icon size={18} aria-hidden="true" />
    </button>
  );
}
