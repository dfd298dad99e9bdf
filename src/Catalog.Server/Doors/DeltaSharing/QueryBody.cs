using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Sharing;
using Microsoft.AspNetCore.Http;

namespace Catalog.Server.Doors.DeltaSharing;

/// <summary>What is asked of a table.</summary>
/// <param name="PredicateHints">Conditions in SQL, which are not read: what they would leave out is sent, too.</param>
/// <param name="JsonPredicateHints">A condition, as <see cref="JsonPredicates"/> reads it.</param>
/// <param name="LimitHint">How many rows the client will read.</param>
/// <param name="Version">A version by its number.</param>
/// <param name="Timestamp">The version of a time.</param>
/// <param name="StartingVersion">Changes since a version, which are not given.</param>
/// <param name="PageToken">Of an answer in pages, which are not given.</param>
/// <param name="IncludeRefreshToken">Whether a token is wanted to have the same files signed again later.</param>
/// <param name="RefreshToken">Such a token.</param>
internal sealed record QueryBody(
    IReadOnlyList<string>? PredicateHints = null,
    string? JsonPredicateHints = null,
    long? LimitHint = null,
    long? Version = null,
    string? Timestamp = null,
    long? StartingVersion = null,
    string? PageToken = null,
    bool? IncludeRefreshToken = null,
    string? RefreshToken = null)
{
    /// <summary>Reads the request's body; none is as good as one without members.</summary>
    /// <exception cref="ProblemException">It is malformed, or asks for what is not given.</exception>
    public static async Task<QueryBody> ReadAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var text = await reader.ReadToEndAsync(http.RequestAborted);
        return string.IsNullOrWhiteSpace(text)
            ? new QueryBody()
            : (JsonSerializer.Deserialize<QueryBody>(text, SharingJson.Options) ?? new QueryBody()).Checked();
    }

    /// <summary>Whether the answer is of a version that was asked for, rather than of the newest.</summary>
    [JsonIgnore]
    public bool NamesVersion => Version is not null || Timestamp is not null;

    /// <summary>Which version is meant.</summary>
    /// <exception cref="ProblemException">The time or the token cannot be read.</exception>
    public TableMoment Moment() =>
        RefreshToken is { } token ? new TableMoment(ReadToken(token).Version)
        : Timestamp is { } text ? new TableMoment(AsOf: Time(text, "timestamp"))
        : new TableMoment(Version);

    /// <summary>
    /// The token to have the same files signed again, though the table may have a newer version by then; null where none is wanted. It says
    /// nothing that could not be asked for without it.
    /// </summary>
    /// <exception cref="ProblemException">The token that was given is of another table.</exception>
    public string? TokenFor(Guid table, long version)
    {
        if (RefreshToken is { } given && ReadToken(given).Table != table)
            throw WrongToken();
        return IncludeRefreshToken is true
            ? Base64Url.EncodeToString(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{table:D} {version}")))
            : null;
    }

    /// <exception cref="ProblemException">It is no time.</exception>
    public static DateTimeOffset Time(string text, string field) => QueryWords.ReadTime(text)
        ?? throw Wrong(field, $"'{field}' must be a time in UTC, such as 2022-01-01T00:00:00Z.");

    private QueryBody Checked()
    {
        if (StartingVersion is not null)
            throw new ProblemException(SharingRefusal.Unsupported("The changes of a table are not shared: query a version instead."));
        if (PageToken is not null)
            throw Wrong("pageToken", "Answers to queries are not cut into pages: leave out 'pageToken'.");
        if (Version is not null && Timestamp is not null)
            throw Wrong("timestamp", "'version' and 'timestamp' cannot both be given.");
        if (RefreshToken is not null && (Version is not null || Timestamp is not null))
            throw Wrong("refreshToken", "'refreshToken' names a version already: leave out 'version' and 'timestamp'.");
        return LimitHint < 0 ? throw Wrong("limitHint", "'limitHint' must be 0 or more.") : this;
    }

    private static (Guid Table, long Version) ReadToken(string token)
    {
        try
        {
            if (Encoding.ASCII.GetString(Base64Url.DecodeFromChars(token)).Split(' ') is [var id, var version]
                && Guid.TryParse(id, out var table)
                && long.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                return (table, number);
        }
        catch (FormatException)
        {
            // Said below.
        }

        throw WrongToken();
    }

    private static ProblemException WrongToken() =>
        Wrong("refreshToken", "'refreshToken' must be one that an earlier answer of this table ended with.");

    private static ProblemException Wrong(string field, string what) => new(Problem.Field("request.invalid", field, what));
}
