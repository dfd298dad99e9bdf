-- dataset:demo/flights@3, feature-view:demo/delays@2, feature-view:demo/carriers@2
-- set spark.sql.session.timeZone = UTC
-- set spark.sql.legacy.parquet.nanosAsLong = true
with
source_rows as (
  select 0 as __file, _metadata.row_index as __row, `id`, `carrier`, `landed`, `origin` from parquet.`lake/it's ``1``.parquet`
  union all select 1 as __file, _metadata.row_index as __row, `id`, `carrier`, `landed`, `origin` from parquet.`lake/2.parquet`),
timed_rows as (
  select *, unix_micros(to_utc_timestamp(timestamp_micros(((`landed` - pmod(`landed`, 1000)) div 1000)), 'America/Chicago')) as __time from source_rows),
entity_rows as (
  select * from (select *, case when __time is null then null when __time < 978307200000000 then 'train' when __time < 978436800000000 then null else 'test' end as __part from timed_rows) parted where __part is not null),
source_0 as (
  select 0 as __file, _metadata.row_index as __row, `origin`, `landed`, `created`, `delay` from parquet.`lake/it's ``1``.parquet`
  union all select 1 as __file, _metadata.row_index as __row, `origin`, `landed`, `created`, `delay` from parquet.`lake/2.parquet`),
events_0 as (
  select *, unix_micros(to_utc_timestamp(timestamp_micros(((`landed` + pmod(-`landed`, 1000)) div 1000)), 'America/Chicago')) as __time, unix_micros(cast(`created` as timestamp)) as __created from source_0),
view_0 as (
  select r.__file, r.__row,
    avg(e.`delay`) filter (where e.__time > r.__time - 604800000000) as `delay_mean_7d`,
    count(*) filter (where e.__time > r.__time - 86400000000) as `flights_1d`
  from entity_rows r join events_0 e on e.`origin` = r.`origin` and e.__time <= r.__time and e.__created <= 1036800000000000 and e.__time > r.__time - 604800000000
  group by r.__file, r.__row),
source_1 as (
  select 0 as __file, _metadata.row_index as __row, `origin`, `landed`, `created`, `carrier`, `delay` from parquet.`lake/it's ``1``.parquet`
  union all select 1 as __file, _metadata.row_index as __row, `origin`, `landed`, `created`, `carrier`, `delay` from parquet.`lake/2.parquet`),
events_1 as (
  select *, unix_micros(to_utc_timestamp(timestamp_micros(((`landed` + pmod(-`landed`, 1000)) div 1000)), 'America/Chicago')) as __time, unix_micros(cast(`created` as timestamp)) as __created from source_1),
view_1 as (
  select * from (
  select r.__file, r.__row, e.`carrier` as `last__carrier`, cast(e.`delay` as double) as `last__delay`,
    row_number() over (partition by r.__file, r.__row
      order by e.__time desc, e.__created desc nulls last, e.__file asc, e.__row asc) as __rank
  from entity_rows r join events_1 e on e.`origin` = r.`origin` and e.__time <= r.__time and e.__created <= 1036800000000000 and e.__time >= r.__time - 604800000000) ranked
  where __rank = 1)
select r.`id`, r.`carrier`, view_0.`delay_mean_7d` as `delay_mean_7d`, coalesce(view_0.`flights_1d`, 0) as `flights_1d`, view_1.`last__carrier` as `last__carrier`, view_1.`last__delay` as `last__delay`, r.__part as `split`
  from entity_rows r
  left join view_0 on view_0.__file = r.__file and view_0.__row = r.__row
  left join view_1 on view_1.__file = r.__file and view_1.__row = r.__row
  order by r.__file, r.__row
