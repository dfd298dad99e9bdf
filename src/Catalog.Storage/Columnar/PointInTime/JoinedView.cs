using Catalog.Features;

namespace Catalog.Storage.Columnar.PointInTime;

/// <summary>A feature view as a join uses it.</summary>
/// <param name="Name">For errors.</param>
/// <param name="Definition">Of the view.</param>
/// <param name="Files">Of the pinned version of its source, in that version's order.</param>
/// <param name="Keys">By key of the view, the rows' column that has it.</param>
/// <param name="Features">Which of the view's features, and what each is called in the answer.</param>
public sealed record JoinedView(
    string Name,
    FeatureDefinition Definition,
    IReadOnlyList<ParquetSource> Files,
    IReadOnlyDictionary<string, string> Keys,
    IReadOnlyList<JoinedFeature> Features);

/// <summary>A feature, and its column in the answer.</summary>
public sealed record JoinedFeature(Feature Feature, string Column);

/// <summary>How a join is made. None of these changes what it gives, but <see cref="KnownAt"/>.</summary>
public sealed record JoinOptions
{
    public const long DefaultMemoryBytes = 1L << 30;
    public const long LeastMemoryBytes = 16L << 20;

    /// <summary>
    /// Events that were written later are left out, and those of which it is not said when; null for all. Microseconds since 1970.
    /// </summary>
    public long? KnownAt { get; init; }

    /// <summary>About how many bytes rows, indexes and waiting events may take. What decoders hold comes on top.</summary>
    public long MemoryBytes { get; init; } = DefaultMemoryBytes;

    /// <summary>How many rows a batch of the answer has at most.</summary>
    public int BatchRows { get; init; } = ScanRequest.DefaultBatchRows;

    /// <summary>How many row groups are decoded at the same time.</summary>
    public int Parallelism { get; init; } = Environment.ProcessorCount;

    /// <summary>Where events wait that find no room in memory.</summary>
    public string SpillFolder { get; init; } = Path.GetTempPath();

    /// <summary>How many rows are joined at once, whatever room there is.</summary>
    internal int MaxChunkRows { get; init; } = 1 << 24;

    /// <summary>How many bytes of events wait in memory; others wait on the disk.</summary>
    internal long WaitingBytes { get => field > 0 ? field : MemoryBytes / 4; init; }

    internal long MaxBytesInFlight => Math.Min(ScanRequest.DefaultMaxBytesInFlight, MemoryBytes / 8);

    /// <exception cref="JoinException"><see cref="JoinException.BadRequest"/>, naming the number that is out of range.</exception>
    internal void Check()
    {
        if (MemoryBytes < LeastMemoryBytes)
            throw new JoinException(JoinException.BadRequest, $"MemoryBytes is {MemoryBytes}; a join needs {LeastMemoryBytes} at least.");
        if (BatchRows is < 1 or > 1_048_576)
            throw new JoinException(JoinException.BadRequest, $"BatchRows is {BatchRows}; it is between 1 and 1,048,576.");
    }
}
