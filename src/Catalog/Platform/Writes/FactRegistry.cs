using System.Collections.Frozen;

namespace Catalog.Platform.Writes;

/// <summary>Every fact the catalog stores: its stored name, written by hand, and the state whose stream it belongs to.</summary>
public sealed class FactRegistry
{
    private readonly FrozenDictionary<Type, Entry> _byType;
    private readonly FrozenDictionary<string, Type> _byName;

    public FactRegistry(params IEnumerable<Area> areas)
    {
        All = [.. areas.SelectMany(a => a.Entries)];
        _byType = All.ToFrozenDictionary(e => e.Fact);
        _byName = All.ToFrozenDictionary(e => e.StoredName, e => e.Fact, StringComparer.Ordinal);
    }

    public IReadOnlyList<Entry> All { get; }

    /// <summary>The state type whose stream holds facts of this type.</summary>
    public Type OwnerOf(object fact) => _byType[fact.GetType()].Owner;

    /// <summary>The record that a stored name stands for; null for a name that this build does not know.</summary>
    public Type? FactOf(string storedName) => _byName.GetValueOrDefault(storedName);

    /// <summary>The stored name of a record.</summary>
    public string NameOf(Type fact) => _byType[fact].StoredName;

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
