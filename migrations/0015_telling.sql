-- Where and when an anomaly is told: its picture, its channel, the night it waits for, the roll-up it is part of; and the
-- digests, each told once in its period.

alter table anomaly
  add column route text not null default 'incident', -- incident, friction, revenue, churn: settled when it is first told
  add column told_channel text,                     -- where it is told; null: it waits, or there is nowhere
  add column held_until timestamptz,                -- quiet hours: told then, or earlier when it is loud enough
  add column rolled_up text,                        -- key of the roll-up that names it instead of a message of its own
  add column told_at timestamptz,                   -- when it was decided to tell it, by the desk's clock
  add column chart_file text,                       -- the uploaded picture that Slack can show
  add column chart_at timestamptz,                  -- the course it shows; when `facts` has a newer one it is drawn anew
  add column chart_next text,                       -- uploaded, and not ready yet when it was wanted
  add column chart_next_at timestamptz,
  add column snoozed_by text,
  add column snoozed_tickets integer,               -- how many it had then: whether it has grown meanwhile
  add column issue_title text;                      -- as a person worded it before filing
create index anomaly_held on anomaly (held_until) where held_until is not null;
create index anomaly_snoozed on anomaly (snoozed_until) where snoozed_until is not null;

create table rollup (                               -- one message a day for what was beyond a channel's share of it
  key text primary key,                             -- channel/day
  channel text not null,
  day text not null,                                -- 2026-11-22, by the operator's clock
  version integer not null default 1,
  ts text,                                          -- where its message stands
  at timestamptz not null default now()
);

create table digest (
  kind text not null,                               -- learning, audit
  period text not null,                             -- 2026-W47, 2026-11
  at timestamptz not null,
  told boolean not null,                            -- false: there was nothing to tell
  body jsonb not null default '{}',                 -- what it says, as of then
  primary key (kind, period)
);
