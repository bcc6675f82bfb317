-- Escalations are found without reading all events; accounts of the customer relationship system, and whose they are.

create index event_escalated on event (at) where kind = 'escalated';

create table account (
  id text primary key,                              -- the company's own id at HubSpot
  facts jsonb not null,                             -- what config/hubspot.json lets be shown: label to text
  name text not null,
  owner text,                                       -- who looks after it there
  health double precision,                          -- their own health score, where one is named
  renewal_at timestamptz,
  risk double precision,                            -- ours, 0 to 100; null: never computed
  reasons jsonb not null default '[]',              -- why, the weightiest first
  risk_at timestamptz,                              -- when the risk last changed
  written_risk double precision,                    -- what was last decided to be written there
  written_at timestamptz,
  fetched_at timestamptz not null                   -- when HubSpot was last asked
);
create index account_by_risk on account (risk desc nulls last, id);

-- A person is found by the hash of the address, as product events are: the address itself stays with the events.
create table person_account (
  email_hash text primary key,
  account_id text,                                  -- null: HubSpot knows of no company
  fetched_at timestamptz,                           -- null: not asked yet
  wanted_at timestamptz not null default now(),     -- when somebody last needed it
  tries integer not null default 0                  -- failed attempts since it was last answered
);
create index person_by_account on person_account (account_id) where account_id is not null;
