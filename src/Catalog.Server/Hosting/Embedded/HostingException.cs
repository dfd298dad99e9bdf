namespace Catalog.Server.Hosting;

/// <summary>The server cannot run where it was started. <paramref name="code"/> is stable; the message is one sentence that says what to do.</summary>
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

    public string Code { get; } = code;
}
