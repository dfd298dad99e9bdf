using Catalog.Platform.Writes;

namespace Catalog.Jobs;

/// <summary>A named thing that runs. Nothing about it needs deciding but whether it is known.</summary>
public sealed record Job : IState<Job>
{
    static bool IState<Job>.IsFixed => true;

    public required string Id { get; init; }

    public static string StreamId(string @namespace, string name) => NodeId.Job(@namespace, name).StreamId;

    public static Job? Fold(Job? state, object fact) => (state, fact) switch
    {
        (null, JobRegistered f) => new Job { Id = StreamId(f.Namespace, f.Name) },
        _ => state,
    };
}
