import { createServer } from "node:http";
import t from "tap";
import { clickOnce, oneClickLink } from "../../../src/lab/mailbox/one-click.ts";

t.test("a mail program presses the link of RFC 8058 where the mail has both its fields, and no other", async (t) => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    request.setEncoding("utf8").on("data", (body) => asked.push(`${request.method} ${request.url} ${body}`));
    request.on("end", () => response.writeHead(request.url === "/gone" ? 404 : 200).end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => server.close());
  const address = server.address();
  const root = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  const link = `List-Unsubscribe: <mailto:a@example.com>,\r\n <${root}/u/1>\r\n`;
  const button = "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n";
  t.equal(oneClickLink(`${link}${button}\r\nHello`), `${root}/u/1`);
  t.equal(oneClickLink(`${link}\r\n${button}`), undefined, "it may not be pressed alone");
  t.equal(oneClickLink(`${button}\r\n`), undefined);
  t.equal(await clickOnce(`${root}/u/1`), "200");
  t.equal(await clickOnce(`${root}/gone`), "404");
  t.same(asked, ["POST /u/1 List-Unsubscribe=One-Click", "POST /gone List-Unsubscribe=One-Click"]);
  t.match(await clickOnce("http://127.0.0.1:1/u/1"), /\w/, "nobody there is told, not thrown");
});
