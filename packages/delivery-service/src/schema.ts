/** Tables of the service. Bytes are blobs, places and epochs integers; all numbers stay below 2^53. */
export const SCHEMA = `
create table if not exists device (device blob primary key, user text not null, suite integer not null, signature_key blob not null) strict;
create index if not exists device_user on device(user);
create table if not exists challenge (nonce blob primary key, device blob not null, expires integer not null) strict;
create table if not exists token (hash blob primary key, device blob not null, expires integer not null) strict;
create table if not exists grp (group_id blob primary key, creator blob not null, epoch integer not null, seq integer not null, commit_seq integer not null, info blob, info_epoch integer, info_seq integer) strict;
create table if not exists member (group_id blob not null, device blob not null, joined integer not null, left integer, acked integer not null, primary key (group_id, device, joined)) strict;
create index if not exists member_device on member(device);
create table if not exists log (group_id blob not null, seq integer not null, epoch integer not null, kind integer not null, sender blob not null, hash blob not null, body blob not null, time integer not null, primary key (group_id, seq)) strict;
create unique index if not exists log_hash on log(group_id, hash);
create unique index if not exists log_one_commit on log(group_id, epoch) where kind = 3;
create table if not exists mail (device blob not null, hash blob not null, group_id blob not null, seq integer not null, body blob not null, primary key (device, hash)) strict;
create table if not exists key_package (ref blob primary key, device blob not null, suite integer not null, not_after integer not null, body blob not null) strict;
create index if not exists key_package_pick on key_package(device, suite, not_after);
create table if not exists claim (id blob not null, device blob not null, body blob not null, primary key (id, device)) strict;
`;
