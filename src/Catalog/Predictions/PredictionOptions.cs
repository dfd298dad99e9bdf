namespace Catalog.Predictions;

/// <summary>How predictions wait, and when they are sealed.</summary>
public sealed record PredictionOptions
{
    /// <summary>So many predictions wait to be stored on one server; more are lost, and counted.</summary>
    public int QueuedPredictions { get; init; } = 20_000;

    /// <summary>So many bytes of them.</summary>
    public long QueuedBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>How long a prediction waits for a database that does not answer before it is lost.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>So many predictions of a model make a version, and are in a file at most.</summary>
    public int SealedTogether { get; init; } = 65_536;

    /// <summary>The oldest that waits makes a version after this time, however few there are.</summary>
    public TimeSpan SealAfter { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a request id that comes again is known after the prediction was sealed.</summary>
    public TimeSpan Remembered { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How often the sealer looks what is due.</summary>
    public TimeSpan Look { get; init; } = TimeSpan.FromSeconds(5);
}
