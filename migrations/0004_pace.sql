-- How fast each account of a helpdesk may be spoken to, shared by all processes. Unlogged: a turn then costs no flush to
-- the disk, and after a crash of the server an empty table only means that everything is learned again within a call.

create unlogged table pace (
  connection text primary key,
  plan_limit integer,                               -- calls per window, as the vendor's headers told it last
  remaining integer,                                -- how many of them the vendor had left when it last said so
  budget double precision not null default 0,       -- calls per window that we allow ourselves
  tokens double precision not null,                 -- calls that may go out at once; refilled by the time that passes
  filled_at timestamptz not null default clock_timestamp(),
  slot bigint not null default 0,                   -- the window that `used` counts: since 1970, in windows
  used double precision not null default 0,         -- calls of ours in that window
  held_until timestamptz,                           -- the vendor asked everybody to wait
  held_why text,
  backfill_until timestamptz,                       -- other programs are using the account up: history waits
  rest_until timestamptz,                           -- it failed too often: nobody speaks, then one call tries
  rest_why text,
  rests integer not null default 0                  -- rests in a row: each is longer
);
