using System.Collections.Concurrent;
using System.Text.Json;
using Catalog.Platform.Http;
using Catalog.Server.Doors.Online;

namespace Catalog.Server.Doors.Feast;

/// <summary>What one call works with; pooled, so that a call in this process leaves the garbage collector nothing of size.</summary>
internal sealed class FeastCall : IDisposable
{
    private static readonly ConcurrentBag<FeastCall> s_pool = [];

    private FeastCall()
    {
    }

    public FeastBody Body { get; } = new();

    public KeyColumns Keys { get; } = new();

    public FeastAnswer Answer { get; } = new();

    public FeastProtoAnswer ProtoAnswer { get; } = new();

    public static FeastCall Take() => s_pool.TryTake(out var call) ? call : new();

    /// <summary>Reads the entities of the body.</summary>
    /// <exception cref="ProblemException">They are not the keys that the plan needs.</exception>
    public void ReadKeys(ReadOnlySpan<byte> body, FeastPlan plan)
    {
        Keys.Begin(plan.Read, "entities");
        for (var i = 0; i < Body.Entities.Count; i++)
        {
            var entity = Body.Entities[i];
            var key = plan.PlaceOf(body[entity.Name]);
            if (key < 0)
                throw Keys.Unknown(JsonSerializer.Deserialize<string>(body[entity.Name]) ?? "");
            var json = new Utf8JsonReader(body[entity.Values]);
            JsonKeys.Read(ref json, Keys.Add(key));
        }

        Keys.Complete();
    }

    public void Dispose() => s_pool.Add(this);
}
