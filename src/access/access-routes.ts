import { changes, changesPeople, openChange, type RouteRule, reads } from "./route-rule.ts";

/** The lines of the table of routes for those about who may do what, and who did. */
export const accessRoutes: Readonly<Record<string, RouteRule>> = {
  "GET /api/v1/keys": reads("admins"),
  "POST /api/v1/keys": changes("admins"),
  "GET /api/v1/keys/:id": reads("admins"),
  "POST /api/v1/keys/:id/revoke": changes("admins"),

  // Who has logged in is in the line of the log.
  "POST /api/v1/session": openChange,
  "POST /api/v1/invitations": openChange,
  "GET /api/v1/me": reads("everybody", "free"),
  "DELETE /api/v1/session": changesPeople("everybody", "free"),
  "GET /api/v1/sessions": reads("everybody", "free"),
  "POST /api/v1/sessions/:id/end": changesPeople("everybody", "free"),
  "POST /api/v1/sessions/end": changesPeople("everybody", "free"),
  "PUT /api/v1/me/password": changesPeople("everybody", "free"),
  "POST /api/v1/me/second-factor": changesPeople("everybody", "free"),
  "POST /api/v1/me/second-factor/confirm": changesPeople("everybody", "free"),
  "POST /api/v1/me/second-factor/remove": changesPeople("everybody", "free"),
  "GET /api/v1/users": reads("admins"),
  "POST /api/v1/users": changes("admins"),
  "GET /api/v1/users/:id": reads("admins"),
  "PATCH /api/v1/users/:id": changes("admins"),
  "POST /api/v1/users/:id/invitation": changes("admins"),
  "POST /api/v1/users/:id/sessions/end": changes("admins"),
  "POST /api/v1/users/:id/second-factor/remove": changes("admins"),
  "POST /api/v1/users/reseal": changes("admins"),
  // Each of many is a request of its own, as below.
  "POST /api/v1/users/bulk": reads("admins"),
  "POST /api/v1/users/bulk/change": reads("admins"),
  "POST /api/v1/keys/bulk": reads("admins"),
  "POST /api/v1/keys/bulk/revoke": reads("admins"),
  "GET /api/v1/audit": reads("admins"),
  "GET /api/v1/audit/verification": reads("admins"),
};
