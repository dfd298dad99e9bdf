using System.Text.Json;
using Catalog.Platform.Writes;
using Catalog.Storage.Files;
using Catalog.Storage.Objects;
using Marten.Exceptions;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace Catalog.Platform.Http;

/// <summary>The exceptions that a client can do something about, as problems. Anything else is a bug and answers <c>catalog.internal</c>.</summary>
public static class Faults
{
    public static Problem? ToProblem(Exception e) => e switch
    {
        ProblemException known => known.Problem,
        NodeIdException node => Problem.Of("name.invalid", node.Message),
        FileException file => Problem.Of(file.Code, file.Message),
        ObjectStoreException store => OfStore(store),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } =>
            Problem.Of("request.too_large", "The body is larger than this call takes. Upload files with POST /v1/objects; commit many files in several appends."),
        BadHttpRequestException { InnerException: JsonException json } => Malformed(json),
        BadHttpRequestException bad => Problem.Of("request.malformed", bad.Message),
        JsonException json => Malformed(json),
        CatalogBusyException busy => Problem.Of("catalog.busy", busy.Message),
        MartenCommandException { InnerException: { } inner } when ToProblem(inner) is { } problem => problem,
        NpgsqlException { IsTransient: true } or PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow } =>
            Problem.Of("catalog.database_unavailable", "The catalog's database does not answer; try again shortly."),
        NpgsqlException and not PostgresException =>
            Problem.Of("catalog.database_unavailable", "The catalog's database does not answer; try again shortly."),
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } => Problem.Of("storage.full", "The catalog's database has no room left."),
        _ => null,
    };

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
        return Problem.Field("request.malformed", field, FirstSentence(json.Message));
    }

    /// <summary>The reader's message without its trailing position, which names .NET types no caller knows.</summary>
    private static string FirstSentence(string message) =>
        message.IndexOf(" Path:", StringComparison.Ordinal) is > 0 and var end ? message[..end] : message;
}
