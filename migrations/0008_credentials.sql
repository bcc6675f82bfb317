-- What connections sign in with and are signed with. Secrets are encrypted before they come here: a copy of the database
-- alone opens nothing.

create table oauth_grant (
  connection text primary key,
  sealed bytea,                                     -- AES-256-GCM over JSON; null: nothing was granted yet
  key_id text,                                      -- which master key opens it
  renewed_at timestamptz,
  lease uuid,                                       -- the process that is being granted the next one
  leased_until timestamptz
);

create table credential (
  connection text primary key,
  kind text not null,                               -- in words, such as `an API token`
  setting text not null,                            -- where a new one goes
  renews boolean not null,                          -- Deskloop gets the next one by itself
  expires_at timestamptz,                           -- null: nobody has said
  used_at timestamptz,                              -- when the helpdesk last took it
  refused_at timestamptz,                           -- since when it is refused; null: it is not
  refused_why text,
  told_at timestamptz                               -- when the log last spoke of it
);

create table webhook_secret (
  connection text not null,
  fingerprint text not null,                        -- of the secret: it is named by this, never shown
  sealed bytea,                                     -- null: it stands in the settings, and only its end is kept here
  key_id text,
  added_at timestamptz not null default now(),
  ends_at timestamptz,                              -- from then on it is refused; null: it is in force
  primary key (connection, fingerprint)
);
