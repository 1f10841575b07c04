import type { Command, Option } from "commander";

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/** What may stand behind the words of a command. */
interface Place {
  /** The words of the command: empty, `campaign`, `campaign show`. */
  readonly path: string;
  readonly about: string;
  readonly commands: readonly { readonly name: string; readonly about: string }[];
  readonly options: readonly { readonly flag: string; readonly about: string; readonly takesValue: boolean; readonly choices: readonly string[] }[];
}

/**
 * What the shell is to read so that it completes commands, options and the values there are to choose from; everything else is completed as names of files.
 * @param program as commander knows it, so that nothing is written twice
 */
export function completionScript(program: Command, shell: Shell): string {
  const places = placesOf(program, "");
  return shell === "fish" ? fishScript(places) : shell === "zsh" ? zshScript(places) : bashScript(places);
}

function placesOf(command: Command, path: string): readonly Place[] {
  const shown = command.commands.filter((each) => !isHidden(each));
  const help = { flag: "--help", about: "show the help", takesValue: false, choices: [] };
  const place = {
    path,
    about: command.description(),
    commands: shown.map((each) => ({ name: each.name(), about: firstLine(each.description()) })),
    options: [...command.options.filter((option) => option.long && !option.hidden && !isInternal(option)).map(optionOf), help],
  };
  return [place, ...shown.flatMap((each) => placesOf(each, path === "" ? each.name() : `${path} ${each.name()}`))];
}

function optionOf(option: Option): Place["options"][number] {
  return {
    flag: option.long ?? "",
    about: firstLine(option.description),
    takesValue: option.required || option.optional,
    choices: option.argChoices ?? [],
  };
}

/** Options of processes that start each other, which no person gives. */
function isInternal({ description }: Option): boolean {
  return description.startsWith("internal:");
}

function isHidden(command: Command): boolean {
  return command.name() === "help";
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}

/** In single quotes, as all three shells read them. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Bash 4 and newer. A word that is a command of the place leads on to it; the value of an option that takes one does not. */
function bashScript(places: readonly Place[]): string {
  const entries = (of: (place: Place) => string) => places.map((place) => `  [${quoted(` ${place.path}`)}]=${quoted(of(place))}`).join("\n");
  const choices = places.flatMap(({ path, options }) =>
    options
      .filter((option) => option.choices.length > 0)
      .map(({ flag, choices }) => `  [${quoted(` ${path} ${flag}`)}]=${quoted(choices.join(" "))}`),
  );
  return `declare -A _carillon_commands=(
${entries(({ commands }) => commands.map(({ name }) => name).join(" "))}
)
declare -A _carillon_flags=(
${entries(({ options }) => options.map(({ flag }) => flag).join(" "))}
)
declare -A _carillon_valued=(
${entries(({ options }) => ` ${options.flatMap(({ flag, takesValue }) => (takesValue ? [flag] : [])).join(" ")} `)}
)
declare -A _carillon_choices=(
${choices.join("\n")}
)
_carillon() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" place=" " word at
  COMPREPLY=()
  for ((at = 1; at < COMP_CWORD; at++)); do
    word="\${COMP_WORDS[at]}"
    if [[ "\${_carillon_valued[$place]}" == *" $word "* ]]; then
      ((at++))
    elif [[ " \${_carillon_commands[$place]} " == *" $word "* ]]; then
      place="\${place% } $word"
    fi
  done
  if [[ "\${_carillon_valued[$place]}" == *" $before "* ]]; then
    place="$place $before"
    COMPREPLY=($(compgen -W "\${_carillon_choices[$place]}" -- "$current"))
  elif [[ "$current" == -* ]]; then
    COMPREPLY=($(compgen -W "\${_carillon_flags[$place]}" -- "$current"))
  else
    COMPREPLY=($(compgen -W "\${_carillon_commands[$place]}" -- "$current"))
  fi
}
complete -o default -F _carillon carillon
`;
}

/** Zsh runs what bash runs. */
function zshScript(places: readonly Place[]): string {
  return `#compdef carillon
autoload -U +X bashcompinit && bashcompinit
${bashScript(places).replaceAll("declare -A", "typeset -gA")}`;
}

/** Fish shows what each is beside it. */
function fishScript(places: readonly Place[]): string {
  const lines = places.flatMap(({ path, commands, options }) => {
    const words = path === "" ? [] : path.split(" ");
    const within = words.map((word) => `__fish_seen_subcommand_from ${word}`);
    const none = commands.length === 0 ? [] : [`not __fish_seen_subcommand_from ${commands.map(({ name }) => name).join(" ")}`];
    const here = quoted([...within, ...none].join("; and ") || "true");
    return [
      ...commands.map(({ name, about }) => `complete -c carillon -f -n ${here} -a ${name} -d ${quoted(about)}`),
      ...options.map(({ flag, about, takesValue, choices }) => {
        const value = takesValue ? (choices.length > 0 ? ` -x -a ${quoted(choices.join(" "))}` : " -r") : "";
        return `complete -c carillon -n ${here} -l ${flag.slice(2)}${value} -d ${quoted(about)}`;
      }),
    ];
  });
  return `${lines.join("\n")}\n`;
}
