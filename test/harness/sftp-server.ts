import { constants as fsFlags } from "node:fs";
import { type FileHandle, lstat, mkdir, open, readdir, rename, unlink } from "node:fs/promises";
import { join, posix } from "node:path";
import ssh2, { type Attributes, type Connection, type PublicKeyAuthContext, type SFTPWrapper } from "ssh2";
import type { Teardown } from "./database.ts";

const { Server, utils } = ssh2;
const { OPEN_MODE, STATUS_CODE } = utils.sftp;

export interface SftpServer {
  readonly port: number;
  /** As OpenSSH would show its key. */
  readonly hostKey: Buffer;
  readonly connections: () => number;
  /** Answers nothing any more, on connections that stay open. */
  mute(): void;
  /** Breaks off after so many bytes of the next file that is read. */
  breakAfter(bytes: number): void;
  /** Gives one byte of what is read for each call from now on, until `flow`. @returns false when nobody waits for one */
  drip(): boolean;
  flow(): void;
}

/** Whom the server lets in: with a password, or with the key of this public one (a line as in `authorized_keys`). */
export interface SftpLogin {
  readonly user: string;
  readonly password: string;
  readonly publicKey?: string;
}

/** A real SFTP server over `root`, in this process: SSH by ssh2's own server, files by the file system. */
export async function startSftp(t: Teardown, root: string, login: SftpLogin): Promise<SftpServer> {
  const { private: key } = utils.generateKeyPairSync("ed25519");
  const parsed = utils.parseKey(key);
  if (parsed instanceof Error) throw parsed;
  const clients = new Set<Connection>();
  const state = { mute: false, breakAfter: Number.POSITIVE_INFINITY, opened: 0, drips: undefined as (() => void)[] | undefined };
  const server = new Server({ hostKeys: [key] }, (client) => {
    clients.add(client);
    state.opened += 1;
    client.on("error", () => undefined);
    client.on("close", () => clients.delete(client));
    client.on("authentication", (context) => {
      if (context.username !== login.user) context.reject(["password", "publickey"]);
      else if (context.method === "password" && context.password === login.password) context.accept();
      else if (context.method === "publickey" && isSignedBy(login.publicKey, context)) context.accept();
      else context.reject(["password", "publickey"]);
    });
    client.on("session", (accept) => {
      accept().on("sftp", (acceptSftp) => serve(acceptSftp(), root, state, () => client.end()));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(async () => {
    for (const client of clients) client.end();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    hostKey: parsed.getPublicSSH(),
    connections: () => state.opened,
    mute: () => {
      state.mute = true;
    },
    breakAfter: (bytes) => {
      state.breakAfter = bytes;
    },
    drip: () => {
      state.drips ??= [];
      const next = state.drips.shift();
      next?.();
      return next !== undefined;
    },
    flow: () => {
      for (const next of state.drips ?? []) next();
      state.drips = undefined;
    },
  };
}

/** Whether it is that key, and, where it has signed already, the signature is the key's (RFC 4252 §7: the first question comes without one). */
function isSignedBy(publicKey: string | undefined, { key, signature, blob, hashAlgo }: PublicKeyAuthContext): boolean {
  const known = publicKey === undefined ? undefined : utils.parseKey(publicKey);
  if (known === undefined || known instanceof Error || key.algo !== known.type || !key.data.equals(known.getPublicSSH())) return false;
  return signature === undefined || blob === undefined || known.verify(blob, signature, hashAlgo) === true;
}

function serve(
  sftp: SFTPWrapper,
  root: string,
  state: { mute: boolean; breakAfter: number; drips: (() => void)[] | undefined },
  breakOff: () => void,
): void {
  const handles = new Map<string, FileHandle | { path: string; read: boolean }>();
  let next = 0;
  // Whatever the client calls it, it stays below the root.
  const real = (path: string) => join(root, posix.normalize(`/${path}`));
  const keep = (what: FileHandle | { path: string; read: boolean }) => {
    next += 1;
    handles.set(String(next), what);
    return Buffer.from(String(next));
  };
  const answering = (id: number, work: () => Promise<void>) => {
    if (state.mute) return;
    work().catch((error: NodeJS.ErrnoException) => sftp.status(id, error.code === "ENOENT" ? STATUS_CODE.NO_SUCH_FILE : STATUS_CODE.FAILURE));
  };
  const done = (id: number) => sftp.status(id, STATUS_CODE.OK);
  const attrs = async (path: string): Promise<Attributes> => {
    const { mode, uid, gid, size, atimeMs, mtimeMs } = await lstat(path);
    return { mode, uid, gid, size, atime: Math.trunc(atimeMs / 1000), mtime: Math.trunc(mtimeMs / 1000) };
  };
  sftp.on("close", () => {
    for (const each of handles.values()) if (!("path" in each)) each.close().catch(() => undefined);
    handles.clear();
  });
  sftp.on("OPEN", (id, name, flags) =>
    answering(id, async () => {
      const write = (flags & OPEN_MODE.WRITE) !== 0;
      const mode = write ? fsFlags.O_WRONLY | fsFlags.O_CREAT | ((flags & OPEN_MODE.EXCL) !== 0 ? fsFlags.O_EXCL : 0) : fsFlags.O_RDONLY;
      sftp.handle(id, keep(await open(real(name), mode)));
    }),
  );
  sftp.on("READ", (id, handle, offset, length) =>
    answering(id, async () => {
      if (offset >= state.breakAfter) {
        state.breakAfter = Number.POSITIVE_INFINITY;
        breakOff();
        return;
      }
      const file = handles.get(handle.toString());
      if (file === undefined || "path" in file) throw new Error("no such handle");
      const { drips } = state;
      if (drips !== undefined) await new Promise<void>((resolve) => drips.push(resolve));
      const most = drips === undefined ? Math.min(length, 16_384) : 1;
      const { bytesRead, buffer } = await file.read(Buffer.alloc(most), 0, most, offset);
      if (bytesRead === 0) sftp.status(id, STATUS_CODE.EOF);
      else sftp.data(id, buffer.subarray(0, bytesRead));
    }),
  );
  sftp.on("WRITE", (id, handle, offset, bytes) =>
    answering(id, async () => {
      const file = handles.get(handle.toString());
      if (file === undefined || "path" in file) throw new Error("no such handle");
      await file.write(bytes, 0, bytes.length, offset);
      done(id);
    }),
  );
  sftp.on("CLOSE", (id, handle) =>
    answering(id, async () => {
      const file = handles.get(handle.toString());
      handles.delete(handle.toString());
      if (file !== undefined && !("path" in file)) await file.close();
      done(id);
    }),
  );
  sftp.on("OPENDIR", (id, path) =>
    answering(id, async () => {
      await readdir(real(path));
      sftp.handle(id, keep({ path: real(path), read: false }));
    }),
  );
  sftp.on("READDIR", (id, handle) =>
    answering(id, async () => {
      const folder = handles.get(handle.toString());
      if (folder === undefined || !("path" in folder)) throw new Error("no such handle");
      if (folder.read) return void sftp.status(id, STATUS_CODE.EOF);
      folder.read = true;
      const names = await readdir(folder.path);
      sftp.name(
        id,
        await Promise.all(names.map(async (filename) => ({ filename, longname: filename, attrs: await attrs(join(folder.path, filename)) }))),
      );
    }),
  );
  sftp.on("STAT", (id, path) => answering(id, async () => sftp.attrs(id, await attrs(real(path)))));
  sftp.on("FSTAT", (id) => answering(id, async () => void sftp.status(id, STATUS_CODE.OP_UNSUPPORTED)));
  sftp.on("FSETSTAT", (id) => answering(id, async () => void done(id)));
  sftp.on("MKDIR", (id, path) =>
    answering(id, async () => {
      await mkdir(real(path));
      done(id);
    }),
  );
  sftp.on("RENAME", (id, from, to) =>
    answering(id, async () => {
      await lstat(real(from));
      // As version 3 of the protocol has it: nothing is written over.
      if (await lstat(real(to)).catch(() => undefined)) throw new Error("it is there");
      await rename(real(from), real(to));
      done(id);
    }),
  );
  sftp.on("REMOVE", (id, path) =>
    answering(id, async () => {
      await unlink(real(path));
      done(id);
    }),
  );
}
