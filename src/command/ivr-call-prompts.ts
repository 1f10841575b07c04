import { spoken } from "../ivr/case-walk.ts";
import { type PromptRef, type PromptStore, promptKey } from "../ivr/ports.ts";

/**
 * The same store; what each of its files says is noted in `texts`, by the file's path.
 * @param spokenAs what is spoken instead, under the name of what was asked for
 */
export function notePrompts(store: PromptStore, texts: Map<string, string>, spokenAs = (ref: PromptRef): PromptRef => ref): PromptStore {
  return {
    async ensure(refs, options) {
      const wanted = [...refs];
      const book = await store.ensure(wanted.map(spokenAs), options);
      const found = wanted.flatMap((ref) => {
        const file = book.get(promptKey(spokenAs(ref)));
        if (file) texts.set(file.path, spoken(ref));
        return file ? [[promptKey(ref), file] as const] : [];
      });
      return new Map(found);
    },
  };
}
