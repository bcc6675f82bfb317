-- History that is complete, and the proof of it: what is being read back, what each day holds there and here, and what
-- is out of the ordinary at the moment.

-- A ticket that came with the history waits until its part of it is whole, so that old questions are learned from in the
-- order in which they were asked. What comes by webhook or by catching up sets it free at once.
alter table ticket add column held boolean not null default false;
alter table ticket add column late boolean not null default false;      -- its old turns are learned after newer ones
alter table ticket add column swept_at timestamptz;                     -- when it was last read again for no reason
drop index ticket_due;
create index ticket_due on ticket (due_at, connection, ticket_id) where due_at is not null and not held;
create index ticket_held on ticket (connection) where held;

-- A draft for a question that was learned late has seen answers that came after it: no curve counts it.
alter table draft add column late boolean not null default false;

-- Which tickets were opened on which day, as we know it.
create index event_opened on event (connection, at) where kind = 'opened';

create table backfill (
  connection text primary key,
  since timestamptz not null,
  border timestamptz not null,                      -- what changed from here on is read first
  part text not null check (part in ('recent', 'older', 'done')),
  cursor text,                                      -- where the part goes on; null: at its beginning
  reached timestamptz,                              -- how far the part has come, by the helpdesk's clock
  page_size integer,                                -- null: the connector's own; smaller after timeouts
  good_pages integer not null default 0,            -- in a row
  planned integer,                                  -- tickets created since, as the helpdesk itself counts; null: not asked yet
  planned_calls integer,
  fetched integer not null default 0,               -- tickets read, one that changed meanwhile more than once
  stored integer not null default 0,                -- tickets of that time that we hold
  calls integer not null default 0,
  waits integer not null default 0,                 -- how often the helpdesk told us to wait
  failures integer not null default 0,              -- one after the other
  last_error text,
  active_ms bigint not null default 0,              -- time at work, without what it was stopped for
  not_before timestamptz not null default now(),
  lease uuid,
  leased_until timestamptz,
  started_at timestamptz not null default now(),
  usable_at timestamptz,                            -- when the newest part was whole
  finished_at timestamptz
);

create table completeness (
  connection text not null,
  day date not null,                                -- of UTC, by the time of creation
  theirs integer not null,                          -- tickets created that day, as the helpdesk counts
  listed integer not null,                          -- as it names them
  ours integer not null,                            -- of those named, how many we hold
  missing text[] not null default '{}',             -- named there and not here, after healing
  healed text[] not null default '{}',              -- were missing and were fetched
  extra jsonb not null default '[]',                -- here and not named there: [{ticketId, why}]
  checked_at timestamptz not null default now(),
  primary key (connection, day)
);

create table alarm (
  id bigint generated always as identity primary key,
  connection text not null,
  kind text not null,                               -- silence, clock
  message text not null,
  raised_at timestamptz not null default now(),
  ended_at timestamptz,
  ending text                                       -- how it ended
);
create unique index alarm_open on alarm (connection, kind) where ended_at is null;   -- raised once
