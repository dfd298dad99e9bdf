namespace Catalog.Serving.Metrics;

/// <summary>The way in that a lookup took.</summary>
internal enum ServingDoor
{
    /// <summary>Our own JSON.</summary>
    Json,

    /// <summary>Feast over HTTP.</summary>
    Feast,

    /// <summary>Feast over gRPC.</summary>
    FeastGrpc,

    /// <summary>Our own lookup over gRPC.</summary>
    Compact,

    /// <summary>The protocol of Redis.</summary>
    Redis,
}

/// <summary>How a lookup ended.</summary>
internal enum LookupOutcome
{
    /// <summary>Its keys could not be read: the caller can help it.</summary>
    Rejected,

    Answered,

    /// <summary>No tier answered.</summary>
    Unavailable,

    /// <summary>The caller went away.</summary>
    Cancelled,

    /// <summary>It failed unexpectedly.</summary>
    Failed,
}
