import { currencyName, spanishCurrencies, type Unit } from "./say-as-currency.ts";
import { digitGroups, type Speaker, weekday, words } from "./say-as-speaker.ts";
import type { SpokenDate, SpokenNumber, SpokenTime } from "./say-as-value.ts";

/*
 * Numbers as the Real Academia Española writes them (Ortografía de la lengua española, 2010, VIII 2.1): one word up to thirty, no "un"
 * before mil, billón for a million millions.
 */

const small =
  "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete veintiocho veintinueve".split(
    " ",
  );
const tens = "- - - treinta cuarenta cincuenta sesenta setenta ochenta noventa".split(" ");
const hundreds = "- ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos".split(" ");
const months = "- enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split(" ");
const days = "domingo lunes martes miércoles jueves viernes sábado".split(" ");
const letters: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    "a:a b:be c:ce d:de e:e f:efe g:ge h:hache i:i j:jota k:ka l:ele m:eme n:ene ñ:eñe o:o p:pe q:cu r:erre s:ese t:te u:u v:uve w:doble uve x:equis y:ye z:zeta"
      .split(/ (?=.:)/)
      .map((pair) => pair.split(":")),
  ),
  "-": "guion",
  ".": "punto",
  "/": "barra",
  _: "guion bajo",
  "@": "arroba",
  "#": "numeral",
  "+": "más",
  "&": "y",
  " ": "espacio",
};

/** How a number stands: alone (uno), before a masculine word (un dólar), before a feminine one (una libra). */
type Form = "alone" | "masculine" | "feminine";

/** A whole number in words, 0 to 999,999,999,999,999: "mil doscientos cuarenta". */
export function spanishNumber(value: number, form: Form = "alone"): string {
  const billions = Math.floor(value / 1e12);
  const millions = Math.floor((value % 1e12) / 1e6);
  const rest = value % 1e6;
  return words(
    billions > 0 && (billions === 1 ? "un billón" : `${belowMillion(billions, "masculine")} billones`),
    millions > 0 && (millions === 1 ? "un millón" : `${belowMillion(millions, "masculine")} millones`),
    (rest > 0 || value === 0) && belowMillion(rest, form),
  );
}

function belowMillion(value: number, form: Form): string {
  const [thousands, rest] = [Math.floor(value / 1000), value % 1000];
  const before = form === "feminine" ? "feminine" : "masculine";
  return words(
    thousands > 0 && words(thousands > 1 && belowThousand(thousands, before), "mil"),
    (rest > 0 || value === 0) && belowThousand(rest, form),
  );
}

function belowThousand(value: number, form: Form): string {
  if (value === 100) return "cien";
  const hundred = hundreds[Math.floor(value / 100)] ?? "";
  const rest = value % 100;
  return words(value >= 100 && (form === "feminine" ? hundred.replace(/os$/, "as") : hundred), (rest > 0 || value === 0) && belowHundred(rest, form));
}

function belowHundred(value: number, form: Form): string {
  const word = small[value] ?? words(tens[Math.floor(value / 10)], value % 10 > 0 && "y", value % 10 > 0 && small[value % 10]);
  if (value % 10 !== 1 || value === 11 || form === "alone") return word;
  if (form === "feminine") return word.replace(/uno$/, "una");
  return word.replace(/veintiuno$/, "veintiún").replace(/uno$/, "un");
}

/** "un millón de dólares", but "un millón un dólares". */
function counted(value: number, unit: Unit): string {
  const of = value > 0 && value % 1e6 === 0 && "de";
  return words(spanishNumber(value, unit.feminine ? "feminine" : "masculine"), of, value === 1 ? unit.one : unit.many);
}

function decimal(value: SpokenNumber, point: string): string {
  const fraction = value.fraction === "" ? "" : `${point} ${Array.from(value.fraction, (digit) => small[Number(digit)]).join(" ")}`;
  return words(value.negative && "menos", spanishNumber(value.whole), fraction);
}

/** Spanish. @param region ISO 3166-1 or "": decides between punto and coma, primero and uno */
export function spanishSpeaker(region: string): Speaker {
  const language = region === "" ? "es" : `es-${region}`;
  const comma = new Intl.NumberFormat(language).formatToParts(0.5).some((part) => part.type === "decimal" && part.value === ",");
  const point = comma ? "coma" : "punto";
  return {
    number: (value) => decimal(value, point),
    money(value, currency) {
      const { negative, whole, fraction } = value;
      const cents = Number(fraction);
      const known = spanishCurrencies[currency];
      if (!known || (cents > 0 && !known.part)) {
        const name = currencyName(language, currency, cents === 0 ? whole : 2);
        return cents === 0 ? words(negative && "menos", counted(whole, { one: name, many: name })) : words(decimal(value, point), name);
      }
      const parts = [(whole > 0 || cents === 0) && counted(whole, known.main), cents > 0 && known.part && counted(cents, known.part)];
      return words(negative && "menos", parts.filter(Boolean).join(" con "));
    },
    date(value: SpokenDate) {
      const day = value.day === 1 && region !== "ES" ? "primero" : spanishNumber(value.day);
      return `${days[weekday(value)]} ${day} de ${months[value.month]} de ${spanishNumber(value.year)}`;
    },
    time({ hour, minute }: SpokenTime) {
      if (minute === 0 && hour % 12 === 0) return hour === 12 ? "las doce del mediodía" : "las doce de la medianoche";
      const spoken = hour % 12 === 0 ? 12 : hour % 12;
      const article = spoken === 1 ? "la una" : `las ${small[spoken]}`;
      return words(article, minute > 0 && `y ${spanishNumber(minute)}`, partOfDay(hour));
    },
    telephone: (value) => digitGroups(value, small, "más"),
    spelled: (characters) => characters.map((character) => letters[character.toLowerCase()] ?? small[Number(character)] ?? character).join(", "),
  };
}

function partOfDay(hour: number): string {
  if (hour >= 1 && hour < 6) return "de la madrugada";
  if (hour >= 6 && hour < 12) return "de la mañana";
  return hour >= 12 && hour < 20 ? "de la tarde" : "de la noche";
}
