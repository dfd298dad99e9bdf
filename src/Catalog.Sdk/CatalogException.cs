namespace Catalog.Sdk;

/// <summary>The catalog refused, failed, or could not be reached.</summary>
/// <param name="status">HTTP status; null when no answer came or the fault was found on this side.</param>
/// <param name="code">Stable, e.g. <c>dataset.not_found</c>. <c>client.…</c> and <c>network.…</c> are made here.</param>
/// <param name="detail">One sentence for people.</param>
/// <param name="errors">Messages by field, where input was wrong.</param>
/// <param name="inner">What was caught underneath, if anything.</param>
public sealed class CatalogException(
    int? status,
    string code,
    string detail,
    IReadOnlyDictionary<string, string[]>? errors = null,
    Exception? inner = null)
    : Exception($"{detail} ({code})", inner)
{
    private static readonly Dictionary<string, string[]> NoErrors = new(StringComparer.Ordinal);

    public int? Status { get; } = status;

    public string Code { get; } = code;

    public string Detail { get; } = detail;

    public IReadOnlyDictionary<string, string[]> Errors { get; } = errors ?? NoErrors;

    /// <summary>Whether sending the same request again can help.</summary>
    internal Resend Resend { get; init; }

    /// <summary>How long the server asked to wait.</summary>
    internal TimeSpan? RetryAfter { get; init; }
}

/// <summary>What is known of a failed request.</summary>
internal enum Resend
{
    /// <summary>The answer would be the same.</summary>
    Useless,

    /// <summary>It was not acted on, so any request may be sent again.</summary>
    Safe,

    /// <summary>It may have been acted on: only a request that can be repeated may be sent again.</summary>
    IfRepeatable,
}
