-- Escalations are found without reading all events; companies at HubSpot, and which ticket belongs to which.

create index event_escalated on event (at) where kind = 'escalated';

-- People are kept by the hash of their address, as product events are; the address itself stands in the events only.
create table ticket_person (
  connection text not null,
  ticket_id text not null,
  email_hash text not null,
  primary key (connection, ticket_id)
);
create index ticket_person_by_hash on ticket_person (email_hash);

create table person_account (
  email_hash text primary key,
  account_id text,                                  -- null: HubSpot knows of no company
  changed_at timestamptz not null default now(),    -- when a ticket of this person last had something new
  fetched_at timestamptz,                           -- when HubSpot last told it; null: never
  next_at timestamptz not null default now()        -- not asked before
);
create index person_account_by_account on person_account (account_id) where account_id is not null;
create index person_account_by_next on person_account (next_at);

create table account (
  id text primary key,                              -- the company's own id at HubSpot
  name text not null,
  facts jsonb not null,                             -- what config/hubspot.json lets be shown, in words
  health double precision,                          -- their own health score, where it may be shown
  renewal_at timestamptz,
  fetched_at timestamptz not null,                  -- when HubSpot last told it
  risk integer,                                     -- ours, 0 to 99; null: not computed yet
  reasons jsonb not null default '[]',              -- why, the weightiest first
  tickets integer not null default 0,               -- within the window
  open_tickets integer not null default 0,
  computed_at timestamptz,
  told_risk integer,                                -- what was last decided to be written to HubSpot; null: nothing
  told_at timestamptz
);
create index account_by_risk on account (risk desc nulls last, id);
