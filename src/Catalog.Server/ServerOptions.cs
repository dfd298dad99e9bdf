using Catalog.Predictions;
using Catalog.Serving.Tiers;

namespace Catalog.Server;

/// <summary>
/// How a server runs. Everything has a default: without any option it keeps its own PostgreSQL in the default data folder.
/// </summary>
public sealed record ServerOptions
{
    public const string DefaultUrl = "http://127.0.0.1:4870";

    /// <summary>Folder of the embedded PostgreSQL, objects and keys; null for <c>CATALOG_DATA</c> or the system's default.</summary>
    public string? DataFolder { get; init; }

    /// <summary>Connection string of a PostgreSQL run by others; null to run one of our own in the data folder.</summary>
    public string? Database { get; init; }

    /// <summary>A bucket for uploaded bytes, <c>s3://bucket/prefix?endpoint=…</c>; null to keep them in the data folder.</summary>
    public string? Objects { get; init; }

    /// <summary>
    /// How many bytes of a bucket's objects to keep in the data folder, so that they are read from there the next time, also while the
    /// bucket does not answer; null for none.
    /// </summary>
    public long? CacheBytes { get; init; }

    /// <summary>
    /// A second place for uploaded bytes, slower and cheaper, that tier policies bring them to: a bucket (<c>s3://…</c>) or a folder; null
    /// for none. What was brought there is only there.
    /// </summary>
    public string? Archive { get; init; }

    /// <summary>
    /// Connection string of a Redis or Valkey, one server or a cluster, for feature views that are served from it:
    /// <c>host:6379,password=…</c>; null for none.
    /// </summary>
    public string? Redis { get; init; }

    /// <summary>How long the places that features are served from are waited for; null for the defaults.</summary>
    public TierOptions? Tiers { get; init; }

    /// <summary>Lookups of features that are answered at a time, others being refused; null for 64 for each processor.</summary>
    public int? LookupsInFlight { get; init; }

    /// <summary>How predictions that are handed back wait, and when they are sealed; null for the defaults.</summary>
    public PredictionOptions? Predictions { get; init; }

    /// <summary>For how long API keys are good that are known, while PostgreSQL does not answer; null for 15 minutes.</summary>
    public TimeSpan? KeysOutlive { get; init; }

    /// <summary>An issuer of bearer tokens that are taken beside API keys; null for none.</summary>
    public OidcOptions? Oidc { get; init; }

    /// <summary>
    /// How many bytes making a training set may take in memory, about: 16 MiB at least, null for 1 GiB. What finds no
    /// room waits on the disk.
    /// </summary>
    public long? JoinBytes { get; init; }

    /// <summary>Where HTTP is served. Loopback unless told otherwise; port 0 picks a free one.</summary>
    public string Url { get; init; } = DefaultUrl;

    /// <summary>
    /// Where clients find the server, <c>https://catalog.example.org</c>, for the addresses that it gives out; null for where each asked.
    /// </summary>
    public Uri? PublicUrl { get; init; }

    /// <summary>How long signed addresses of files are good unless who asks says; one second to seven days, null for 15 minutes.</summary>
    public TimeSpan? UrlLifetime { get; init; }

    /// <summary>
    /// Where Arrow Flight is served, such as <c>http://127.0.0.1:4871</c>, or <c>https://</c> with a certificate; null for nowhere. Port
    /// 0 picks a free one.
    /// </summary>
    public string? FlightUrl { get; init; }

    /// <summary>
    /// The file of Flight's certificate: PEM, with what vouches for it behind it, or PKCS #12 without a password; null without TLS.
    /// </summary>
    public string? FlightCertificate { get; init; }

    /// <summary>The file of the certificate's private key, as PEM; null where it is in <see cref="FlightCertificate"/>.</summary>
    public string? FlightKey { get; init; }

    /// <summary>
    /// Where features are served in the protocol of Redis, such as <c>redis://127.0.0.1:4872</c>; null for nowhere. Port 0 picks a free
    /// one.
    /// </summary>
    public string? RespUrl { get; init; }

    /// <summary>Metrics at <c>/metrics</c> are for whoever asks, and not only for callers with a key.</summary>
    public bool OpenMetrics { get; init; }

    /// <summary>Folder with <c>initdb</c> and <c>postgres</c>; null to look for one.</summary>
    public string? PostgresBin { get; init; }

    /// <summary><c>127.0.0.1:PORT</c> to open the embedded PostgreSQL to auditors; null for the private socket only.</summary>
    public string? PostgresListen { get; init; }

    /// <summary>Folders whose files may be registered in place. None: only uploads.</summary>
    public IReadOnlyList<string> Roots { get; init; } = [];

    /// <summary>Issue another admin key at start, for when the first was lost.</summary>
    public bool NewAdminKey { get; init; }

    /// <summary>A backup to fill an empty catalog from, at start.</summary>
    public string? RestoreFrom { get; init; }

    /// <summary>Largest JSON body, in bytes. Uploads of files have no limit.</summary>
    public long MaxBodyBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>Largest OpenLineage event or batch of events, unpacked, in bytes. Eight such bodies may be in memory at once.</summary>
    public int MaxOpenLineageBytes { get; init; } = 32 * 1024 * 1024;
}
