import { pointerTo } from "../kernel/pointer.ts";
import { type Linter, soundsOf, writtenPrompts } from "./linter.ts";
import { sayAs } from "./say-as.ts";

/** What is wrong with recordings, and values that cannot be spoken as what they are meant to be. */
export function lintPrompts({ script, located, options, report }: Linter): void {
  for (const written of writtenPrompts(script)) {
    const { prompt, pointer } = written;
    for (const { sound, pointer: at } of soundsOf(written)) {
      if (!("file" in sound)) continue;
      for (const { code, severity, message, fix } of options.recordings?.get(sound.file)?.findings ?? [])
        report(code, located.at(at), `the recording ${sound.file} ${message}`, fix, severity);
    }
    if (!("sayAs" in prompt) || prompt.value.fields.length > 0) continue;
    const value = prompt.value.render({});
    const faults = script.languages.flatMap((language) => {
      const said = sayAs(prompt.sayAs, value, language, prompt.currency === undefined ? {} : { currency: prompt.currency });
      return "fault" in said ? [said.fault] : [];
    });
    if (faults[0] === undefined) continue;
    report("say-as-fault", located.at(pointerTo(pointer, "value")), `“${value}” ${faults[0]}`, "Mend it; now it would be spoken as it stands.");
  }
}
