-- What people did in the product shortly before they asked: pages, actions, traits. Kept for a while only.

create table context_event (
  id bigint generated always as identity primary key,
  message_id text not null unique,                  -- the sender's own id: what comes twice stops here
  kind text not null check (kind in ('identify', 'page', 'track')),
  user_id text,                                     -- who it is, in the product's own numbering
  anonymous_id text,                                -- the browser, before anybody has signed in
  email_hash text,                                  -- sha256 of the address in lower case; the address itself is not kept
  name text not null,                               -- of the page or the action; empty for identify
  data jsonb not null,                              -- properties, or traits without the address
  at timestamptz not null,                          -- when it happened, corrected by the sender's clock
  received_at timestamptz not null default now(),
  expires_at timestamptz not null,                  -- deleted after that
  check (user_id is not null or anonymous_id is not null)
);
create index context_by_user on context_event (user_id, at) where user_id is not null;
create index context_by_email on context_event (email_hash, at) where email_hash is not null;
create index context_by_anonymous on context_event (anonymous_id, at) where anonymous_id is not null;
create index context_by_expiry on context_event (expires_at);
