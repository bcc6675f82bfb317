-- Every kind of write is one machine: which account it goes to, who holds it, which accounts may not be written to, what
-- is read again because its fate was unclear once, and what a person must know, decide and have decided.

alter table effect
  add column account text,                          -- where it is written; null: at the connection of its ticket
  add column claims integer not null default 0,     -- grows with every claim: who holds an older one has lost it
  add column ever_unclear boolean not null default false,  -- an answer was missing once: read again afterwards
  add column recheck_at timestamptz,                -- when it is read again; null: not asked for, or settled
  add column rechecked_at timestamptz,              -- when that was done
  add column copies integer not null default 0;     -- second copies that were found and removed
create index effect_recheck on effect (recheck_at) where recheck_at is not null;
create index effect_parked on effect (updated_at) where state = 'parked';
create index delivery_unreadable on delivery (received_at) where state = 'unreadable';

create table account_pause (
  account text primary key,                         -- a connection, or a neighbour such as `linear`
  kind text not null check (kind in ('public', 'refused')),  -- refused ends by itself, public only by a person
  why text not null,
  paused_at timestamptz not null default now(),
  probed_at timestamptz not null default now()      -- when it was last asked whether it takes our token again
);
insert into account_pause (account, kind, why, paused_at)
  select name, 'public', coalesce(paused_why, 'no reason was kept'), paused_at from connection where paused_at is not null;
-- A release that is still running reads these; nothing writes them any more.
comment on column connection.paused_at is 'replaced by account_pause';
comment on column connection.paused_why is 'replaced by account_pause';

create table note_alarm (                           -- a note was seen in public
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  account text not null,
  ticket_id text,
  effect_id uuid,
  why text not null,
  cleared_at timestamptz                            -- a person has looked; who and why stands in `audit`
);
create index note_alarm_open on note_alarm (at) where cleared_at is null;

create table audit (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  who text not null,
  action text not null,                             -- clear-alarm, resume, replay …
  subject text not null,
  why text not null
);

create table dead_job (
  connection text not null,                         -- a wake-up that failed as often as it may
  ticket_id text not null,
  at timestamptz not null default now(),
  message text not null,
  attempts integer not null,
  primary key (connection, ticket_id)
);
