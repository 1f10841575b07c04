import t from "tap";
import { NetworkGuard } from "../../src/adapter/http/guard.ts";
import { pauseAfter } from "../../src/webhook/retry.ts";

t.test("only public addresses are reached, and networks that are named", async (t) => {
  const guard = new NetworkGuard(["10.20.0.0/16", "fd12::/16"]);
  const cases: readonly (readonly [string, boolean])[] = [
    ["93.184.216.34", true],
    ["2606:2800:220:1:248:1893:25c8:1946", true],
    ["10.20.3.4", true],
    ["10.21.3.4", false],
    ["fd12::1", true],
    ["fd13::1", false],
    ["127.0.0.1", false],
    ["0.0.0.0", false],
    ["169.254.169.254", false],
    ["172.31.255.255", false],
    ["192.168.1.1", false],
    ["100.64.0.1", false],
    ["255.255.255.255", false],
    ["::1", false],
    ["::", false],
    ["fe80::1", false],
    ["::ffff:127.0.0.1", false],
    ["::ffff:93.184.216.34", false],
    ["64:ff9b::7f00:1", false],
    ["2002:7f00:1::", false],
    ["2001:0:4136:e378:8000:63bf:3fff:fdd2", false],
    ["localhost", false],
  ];
  for (const [address, may] of cases) t.equal(guard.permits(address), may, address);
  t.equal(guard.refusal("[::1]")?.includes("::1"), true);
  t.equal(guard.refusal("crm.example"), undefined, "a name is looked up first");
  const code = await new Promise((resolve) => new NetworkGuard().lookup("localhost", { all: true }, (error) => resolve(error?.code)));
  t.equal(code, "ENOTPUBLIC", "a name that leads home is not followed");
  t.throws(() => new NetworkGuard(["10.0.0.0/33"]), RangeError);
});

t.test("the pauses grow to six hours and heed what the receiver asks for", async (t) => {
  const pauses = [1, 2, 3, 4, 9, 30].map((tries) => pauseAfter(tries, 0.5));
  t.same(pauses, [5_000, 20_000, 80_000, 320_000, 21_600_000, 21_600_000]);
  t.same([pauseAfter(1, 0), pauseAfter(1, 1)], [4_000, 6_000]);
  t.equal(pauseAfter(1, 0.5, 60_000), 60_000);
  t.equal(pauseAfter(1, 0.5, 90 * 86_400_000), 21_600_000);
});
