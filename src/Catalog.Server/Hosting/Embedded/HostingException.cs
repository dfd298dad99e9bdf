namespace Catalog.Server.Hosting;

/// <summary>
/// The server cannot run where it was started. <paramref name="code"/> is stable; the message is one sentence that says what to do.
/// </summary>
public sealed class HostingException(string code, string message, Exception? inner = null) : Exception(message, inner)
{
    public const string PostgresNotFound = "postgres.not_found";
    public const string PostgresOtherMajor = "postgres.other_major";
    public const string PostgresFailed = "postgres.failed";
    public const string PostgresPortInUse = "postgres.port_in_use";
    public const string PostgresListenInvalid = "postgres.listen_invalid";
    public const string DataInUse = "data.in_use";
    public const string DataReadOnly = "data.read_only";
    public const string DataUnreachable = "data.unreachable";
    public const string DataRootInvalid = "data.root_invalid";
    public const string DatabaseUnreachable = "database.unreachable";
    public const string DatabaseSchemaFailed = "database.schema_failed";
    public const string DatabaseConnectionStringInvalid = "database.connection_string_invalid";
    public const string ObjectsAddressInvalid = "objects.address_invalid";
    public const string ObjectsUnusable = "objects.unusable";
    public const string RedisInvalid = "redis.connection_string_invalid";
    public const string OidcInvalid = "oidc.settings_invalid";
    public const string HttpAddressInvalid = "http.address_invalid";
    public const string RespAddressInvalid = "resp.address_invalid";
    public const string HttpAddressUnavailable = "http.address_unavailable";
    public const string HttpTlsUnsupported = "http.tls_unsupported";
    public const string HttpPortInUse = "http.port_in_use";
    public const string HttpPortDenied = "http.port_denied";
    public const string TlsCertificateMismatch = "tls.certificate_mismatch";
    public const string TlsCertificateUnusable = "tls.certificate_unusable";

    public string Code { get; } = code;

    /// <summary>Why it failed, without what to do; null where the message does not tell the two apart.</summary>
    internal string? Reason { get; init; }
}
