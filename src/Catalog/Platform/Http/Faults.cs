using System.Text.Json;
using System.Text.RegularExpressions;
using Catalog.Platform.Writes;
using Catalog.Storage.Columnar;
using Catalog.Storage.Columnar.PointInTime;
using Catalog.Storage.Files;
using Catalog.Storage.Objects;
using Marten.Exceptions;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace Catalog.Platform.Http;

/// <summary>
/// The exceptions that a client can do something about, as problems. Anything else is a bug and answers <c>catalog.internal</c>.
/// </summary>
public static partial class Faults
{
    public const string TooLarge =
        "The body is larger than this call takes. Upload files with POST /v1/objects; commit many files in several appends.";

    public static Problem? ToProblem(Exception e) => e switch
    {
        ProblemException known => known.Problem,
        NodeIdException node => Problem.Of("name.invalid", node.Message),
        FileException file => Problem.Of(file.Code, file.Message),
        ObjectStoreException store => OfStore(store),
        ScanException scan => Problem.Of(scan.Code, scan.Message),
        JoinException join => Problem.Of(join.Code, join.Message),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } =>
            Problem.Of("request.too_large", TooLarge),
        BadHttpRequestException { StatusCode: StatusCodes.Status415UnsupportedMediaType } =>
            Problem.Of("request.unsupported_media_type", "The body must be JSON: send Content-Type: application/json."),
        BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } =>
            Problem.Of("request.too_slow", "The body came too slowly and was given up on; send it again."),
        BadHttpRequestException { InnerException: JsonException json } => Malformed(json),
        BadHttpRequestException bad => Problem.Of("request.malformed", bad.Message),
        JsonException json => Malformed(json),
        IOException io when IsDiskFull(io) => Problem.Of("storage.full", "The server's disk has no room left for what has to wait on it."),
        CatalogBusyException busy => Problem.Of("catalog.busy", busy.Message),
        MartenCommandException { InnerException: { } inner } when ToProblem(inner) is { } problem => problem,
        NpgsqlException { IsTransient: true }
            or PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown }
            or PostgresException { SqlState: PostgresErrorCodes.CannotConnectNow } =>
            Problem.Of("catalog.database_unavailable", "The catalog's database does not answer; try again shortly."),
        NpgsqlException and not PostgresException =>
            Problem.Of("catalog.database_unavailable", "The catalog's database does not answer; try again shortly."),
        PostgresException { SqlState: PostgresErrorCodes.CharacterNotInRepertoire or PostgresErrorCodes.UntranslatableCharacter } =>
            Problem.Of(
                "request.invalid", "The request holds the character U+0000 or half of a surrogate pair, which no text here can hold."),
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } =>
            Problem.Of("storage.full", "The catalog's database has no room left."),
        _ => null,
    };

    // errno values, which .NET keeps in HResult on Unix: no space, and the quota; and ERROR_DISK_FULL of Windows.
    private static bool IsDiskFull(IOException e) => e.HResult is 28 or 122 or unchecked((int)0x80070070);

    private static Problem OfStore(ObjectStoreException e) => e.Error switch
    {
        ObjectStoreError.NotFound => Problem.Of("object.not_found", e.Message),
        ObjectStoreError.DigestMismatch or ObjectStoreError.Conflict => Problem.Of("object.digest_mismatch", e.Message),
        ObjectStoreError.OutOfSpace => Problem.Of("storage.full", e.Message),
        _ => Problem.Of("storage.unavailable", e.Message),
    };

    private static Problem Malformed(JsonException json)
    {
        var field = json.Path is null or "$" or "" ? "body" : json.Path.TrimStart('$', '.');
        return Problem.Field("request.malformed", field, $"{field}: {Plain(json.Message)}");
    }

    /// <summary>The reader's message in words that do not name .NET types, which no caller knows.</summary>
    private static string Plain(string message) => message switch
    {
        _ when Unknown().Match(message) is { Success: true } match => $"there is no field '{match.Groups[1].Value}' here.",
        _ when Missing().Match(message) is { Success: true } match => $"these fields must be given: {match.Groups[1].Value}.",
        _ when Unfit().IsMatch(message) => "the value is not of the type that belongs here.",
        _ when message.IndexOf(" Path:", StringComparison.Ordinal) is > 0 and var end => message[..end],
        _ => message,
    };

    [GeneratedRegex("^The JSON property '(.*)' could not be mapped to any")]
    private static partial Regex Unknown();

    [GeneratedRegex("was missing required properties including: (.*)\\.$")]
    private static partial Regex Missing();

    [GeneratedRegex("^The JSON value could not be converted|must not be null|doesn't allow null|doesn't allow setting null")]
    private static partial Regex Unfit();
}
