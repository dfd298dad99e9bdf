using System.Collections.Frozen;

namespace Catalog.Platform.Writes;

/// <summary>Every fact the catalog stores: its stored name, written by hand, and the state whose stream it belongs to.</summary>
public sealed class FactRegistry
{
    private readonly FrozenDictionary<Type, Entry> _byType;

    public FactRegistry(params IEnumerable<Area> areas)
    {
        All = [.. areas.SelectMany(a => a.Entries)];
        _byType = All.ToFrozenDictionary(e => e.Fact);
    }

    public IReadOnlyList<Entry> All { get; }

    /// <summary>The state type whose stream holds facts of this type.</summary>
    public Type OwnerOf(object fact) => _byType[fact.GetType()].Owner;

    /// <param name="Fact">The record's type.</param>
    /// <param name="Owner">The state folded from the stream it is appended to.</param>
    /// <param name="StoredName">The name in the log, never changed once released.</param>
    public sealed record Entry(Type Fact, Type Owner, string StoredName);

    /// <summary>One area's facts, listed in its module.</summary>
    public sealed class Area
    {
        private readonly List<Entry> _entries = [];

        public IReadOnlyList<Entry> Entries => _entries;

        public Area Fact<TState, TFact>(string storedName)
            where TState : class, IState<TState>
            where TFact : class
        {
            _entries.Add(new(typeof(TFact), typeof(TState), storedName));
            return this;
        }
    }
}
