-- Every kind of write is one machine: which account it goes to, who holds it, and which accounts may not be written to.

alter table effect
  add column account text,                          -- where it is written; null: at the connection of its ticket
  add column claims integer not null default 0;     -- grows with every claim: who holds an older one has lost it

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
