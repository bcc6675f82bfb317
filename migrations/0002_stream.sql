-- The outgoing stream: an order of events in which nothing appears behind a reader, and who has been told how far.

-- `seq` is given before the commit, so a reader who pages by it alone would pass rows that are committed later. Each row
-- therefore carries the number of its transaction. A reader is shown only rows of transactions older than the oldest one
-- that still runs, in the order (txid, seq): whatever commits later stands behind all he has seen.
alter table event add column txid xid8 not null default pg_current_xact_id();
create index event_by_place on event (txid, seq);

create table outlet (
  name text primary key,                            -- as in config/outlets.json
  txid xid8 not null,                               -- everything up to (txid, seq) was taken, refused or not wanted
  seq bigint not null,
  delivered bigint not null default 0,              -- how many events it has taken
  attempts integer not null default 0,              -- of the event that comes next
  refused integer not null default 0,               -- how many it refused one after the other
  failing_since timestamptz,                        -- null: the last attempt was taken
  last_error text,
  delivered_at timestamptz,                         -- when it last took one
  not_before timestamptz not null default now(),    -- when it is tried again
  paused_at timestamptz,                            -- set: nothing is sent until a person has resumed it
  paused_why text,
  lease uuid,                                       -- the worker that sends to it now
  leased_until timestamptz
);

create table outlet_refusal (
  outlet text not null,
  txid xid8 not null,                               -- the place in the stream of the event that was refused
  seq bigint not null,
  event_id text not null,
  attempts integer not null,
  error text not null,
  at timestamptz not null default now(),
  primary key (outlet, txid, seq)
);
