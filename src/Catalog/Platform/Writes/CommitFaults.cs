using System.Diagnostics.CodeAnalysis;
using Catalog.Manifests;
using Catalog.PolicyProjections;
using JasperFx;
using JasperFx.Events;
using Marten.Exceptions;
using Npgsql;

namespace Catalog.Platform.Writes;

/// <summary>What the failure of a commit means for trying it again.</summary>
internal static class CommitFaults
{
    /// <summary>
    /// Another writer came first, on a stream's version or a unique row: nothing is stored, and it may go well next time.
    /// </summary>
    public static bool IsRace([NotNullWhen(true)] Exception? e) => e switch
    {
        null => false,
        _ when CommitKeys.IsRepeated(e) || ProjectedVersions.IsRepeated(e) => false,
        ConcurrencyException or EventStreamUnexpectedMaxEventIdException or DocumentAlreadyExistsException => true,
        JasperFx.Events.ExistingStreamIdCollisionException or Marten.Exceptions.ExistingStreamIdCollisionException => true,
        MartenCommandException { InnerException: PostgresException pg } => IsRace(pg),
        PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } => true,
        PostgresException { SqlState: PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure } => true,

        // Something within the transaction was tried again after one of the above had ended it.
        PostgresException { SqlState: PostgresErrorCodes.InFailedSqlTransaction } => true,
        _ => false,
    };

    /// <summary>
    /// The database, or the way to it, failed. Where PostgreSQL did not say so itself, the commit may have reached it and only the answer
    /// been lost: deciding again could store everything twice.
    /// </summary>
    public static bool IsOfDatabase([NotNullWhen(true)] Exception? e) => e switch
    {
        null => false,
        PostgresException pg => IsOfServer(pg.SqlState),
        NpgsqlException => true,
        AggregateException many => many.InnerExceptions.Any(IsOfDatabase),
        _ => IsOfDatabase(e.InnerException),
    };

    // Connections (08), no resources (53), ending or not yet there (57P), files (58): the next write would fare no better.
    private static bool IsOfServer(string state) =>
        state.StartsWith("08", StringComparison.Ordinal)
        || state.StartsWith("53", StringComparison.Ordinal)
        || state.StartsWith("57P", StringComparison.Ordinal)
        || state.StartsWith("58", StringComparison.Ordinal);
}
