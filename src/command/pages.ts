interface Page {
  readonly limit: number;
  readonly afterId?: string;
}

const limit = 500;

/** Everything that is read a page at a time, in its order. */
export async function allPages<T extends { readonly id: string }>(read: (page: Page) => Promise<readonly T[]>): Promise<readonly T[]> {
  const all: T[] = [];
  for (let rows = await read({ limit }); ; ) {
    all.push(...rows);
    const last = rows.at(-1);
    if (!last || rows.length < limit) return all;
    rows = await read({ limit, afterId: last.id });
  }
}
