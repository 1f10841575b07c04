import { Readable } from "node:stream";
import t from "tap";
import type { Stores } from "../../src/adapter/postgres/stores.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { emptyChain, linkOn } from "../../src/compliance/consent.ts";
import { loadConsents } from "../../src/compliance/consent-import-engine.ts";
import type { ConsentDefaults } from "../../src/compliance/consent-row.ts";
import { asked, by, hashOf, number, safeguard, verify } from "./consents-kit.ts";
import { makeCampaign, makeList, openWorld, phone } from "./stores-kit.ts";

/** @returns the report, and `row column reason` of what could not be used */
async function loadFile(stores: Stores, content: string | Readable, defaults: ConsentDefaults = {}) {
  const told: string[] = [];
  const report = await loadConsents({
    ...{ store: stores.consents, by, defaults, defaultCountry: "US", clock: systemClock },
    content: typeof content === "string" ? Readable.from([content]) : content,
    rejected: ({ row, column, reason }) => void told.push(`${row} ${column} ${reason}`),
  });
  return { ...report, told };
}

t.test(
  "a file of consents comes to the end of the chain; what is there already stays one record, and who has revoked since stays revoked",
  async (t) => {
    const { stores } = await openWorld(t);
    const { consents, suppressions } = stores;
    const campaign = await makeCampaign(stores, { name: "one", listId: await makeList(stores, "people", 9) });
    await safeguard(stores, campaign, "'offers', true, null");
    await suppressions.add({ whom: number(5), reason: "asked for" }, by);
    const digits = (index: number) => phone(index).slice(2);
    const rows = [
      `${digits(1)},,,offers,,2026-01-05,web form,"ticked ""call me"", 192.0.2.7",`,
      `${digits(1)},,,offers,,2026-01-05,web form,"ticked ""call me"", 192.0.2.7",`,
      `,c2,consent,offers,voice,2026-01-05T10:00:00+01:00,call,recording 12,2099-12-31`,
      `${digits(3)},,relationship,offers,,2026-01-05 09:00:00Z,purchase,,`,
      `${digits(4)},,,offers,,2026-01-05,web form,,`,
      `${digits(4)},,revocation,,,2026-02-05,letter,,`,
      `${digits(5)},,,offers,,2026-01-05,web form,,`,
      `${digits(6)},c6,,offers,,2026-01-05,web form,form 6,`,
      "12,,,offers,,2026-01-05,web form,,",
      `${digits(7)},,maybe,offers,,2026-01-05,web form,,`,
      `${digits(7)},,,Offers!,,2026-01-05,web form,,`,
      `${digits(7)},,,offers,fax,2026-01-05,web form,,`,
      `${digits(7)},,,offers,,5.1.2026,web form,,`,
      `${digits(7)},,,offers,,2999-01-05,web form,,`,
      `${digits(7)},,,offers,,,web form,,`,
      `${digits(7)},,,offers,,2026-01-05,,,`,
      `${digits(7)},,,offers,,2026-01-05,web form,,2025-12-31`,
      ",,,offers,,2026-01-05,web form,,",
    ];
    const header = "phone,client_id,kind,purpose,channel,obtained_at,source,proof,expires_at";
    await t.rejects(loadFile(stores, `${header}\n`), { code: "import-empty" });
    await t.rejects(loadFile(stores, `name,purpose\nAnn,offers\n`), { code: "import-columns", message: /one of them phone, email or client_id/ });
    await t.rejects(loadFile(stores, `phone\n${digits(1)}\n`), { code: "import-columns", message: /no column source and none obtained_at/ });
    await t.rejects(
      loadFile(
        stores,
        new Readable({
          read() {
            this.destroy(new Error("gone"));
          },
        }),
      ),
      { code: "import-broken-off" },
    );
    t.equal((await consents.chain("0", 100)).length, 1, "the opt-out alone: what cannot be used records nothing");

    const file = `${header}\n${rows.join("\n")}\n`;
    const { told, sha256, ...report } = await loadFile(stores, file);
    t.equal(sha256, hashOf(file));
    t.match(
      told.map((each) => each.slice(0, 40)),
      [
        /^9 phone /,
        /^10 kind is none of/,
        /^11 purpose A purpose is a word/,
        /^12 channel is none of/,
        /^13 obtained_at .*no time/,
        /^14 obtained_at lies in the/,
        /^15 obtained_at is empty/,
        /^16 source is empty/,
        /^17 expires_at ends before/,
        /^18 phone is empty/,
      ],
    );
    t.match(report, { read: 18, rejected: 10, recorded: 8, known: 1, last: { id: "9" } });
    t.equal(await verify(stores), 9, "one chain");
    t.same((await asked(stores, campaign, "noConsent")).join(""), "345789", "an old consent (4, 5) takes back no later revocation");
    t.match(await loadFile(stores, file), { recorded: 0, known: 9 });
    const all = await consents.chain("0", 100);
    t.match(all[1], {
      purpose: "offers",
      source: "web form",
      proof: 'ticked "call me", 192.0.2.7',
      recordedBy: by,
      obtainedAt: Date.UTC(2026, 0, 5),
    });

    const many = Array.from({ length: 1200 }, (_, index) => `many-${index}`).join("\n");
    const said = { purpose: "surveys", source: "call", obtainedAt: Date.UTC(2026, 2, 1) };
    t.match(await loadFile(stores, `client_id\n${many}\n`, said), { recorded: 1200, known: 0, last: { id: "1209" } });
    t.match(
      await loadFile(stores, `client_id\n${many}\nmore\n`, said),
      { recorded: 1, known: 1200, last: { id: "1210" } },
      "begun again after it broke off",
    );
    let chain: ReturnType<typeof linkOn> = emptyChain;
    for (const after of ["0", "1000"])
      for (const record of await consents.chain(after, 1000)) if (typeof chain !== "string") chain = linkOn(chain, record, hashOf);
    t.match(chain, { records: 1210 });
  },
);
