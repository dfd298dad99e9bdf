using System.Text;
using Catalog.Hot;

namespace Catalog.Sdk;

/// <summary>
/// Keys to read mapped features by: filled, read with, cleared and filled again. Of one thread at a time. A key has as many parts as
/// <see cref="MappedFeatures.Keys"/> names, in their order.
/// </summary>
public sealed class MappedKeys
{
    private readonly List<KeyBatch> _batches = [];
    private readonly List<nint[]> _rows = [];
    private MappedState _like;
    private readonly bool _hasOnePart;

    internal MappedKeys(MappedState like)
    {
        (_like, _hasOnePart) = (like, like.Keys.Count == 1 && like.Views.All(v => v.KeyPlaces.Count == 1));
        foreach (var view in like.Views)
        {
            _batches.Add(new());
            _rows.Add(new nint[128]);
            _batches[^1].Reset(view.Generation.Layout.Keys);
        }
    }

    /// <summary>How many keys there are.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a key of one part that is a whole number.</summary>
    /// <exception cref="ArgumentException">Keys are no such numbers.</exception>
    /// <exception cref="InvalidOperationException">Keys have several parts.</exception>
    public MappedKeys Add(long key)
    {
        DemandOnePart();
        for (var view = 0; view < _batches.Count; view++)
            MappedKeyParts.Add(_batches[view], _like.Keys[0], key, _like.KeyNames[0]);
        Count++;
        return this;
    }

    /// <summary>Adds a key of one part that is text.</summary>
    /// <exception cref="ArgumentException">Keys are no text.</exception>
    /// <exception cref="InvalidOperationException">Keys have several parts.</exception>
    public MappedKeys Add(string key)
    {
        DemandOnePart();
        Span<byte> utf8 = stackalloc byte[256];
        var bytes = Encoding.UTF8.TryGetBytes(key, utf8, out var length) ? utf8[..length] : Encoding.UTF8.GetBytes(key);
        for (var view = 0; view < _batches.Count; view++)
            MappedKeyParts.Add(_batches[view], _like.Keys[0], bytes, _like.KeyNames[0]);
        Count++;
        return this;
    }

    /// <summary>
    /// Adds a key of any parts: numbers, text, bools, dates, times, ids, decimals and bytes as .NET has them; null matches nothing.
    /// </summary>
    /// <exception cref="ArgumentException">There are more parts or fewer, or one is of another type.</exception>
    public MappedKeys Add(params ReadOnlySpan<object?> parts)
    {
        if (parts.Length != _like.Keys.Count)
        {
            throw new ArgumentException(
                $"A key has the parts {string.Join(", ", _like.KeyNames)}; {parts.Length} are given.", nameof(parts));
        }

        for (var part = 0; part < parts.Length; part++)
            MappedKeyParts.Demand(parts[part], _like.Keys[part], _like.KeyNames[part]);
        for (var view = 0; view < _batches.Count; view++)
        {
            foreach (var place in _like.Views[view].KeyPlaces)
                MappedKeyParts.AddPart(_batches[view], _like.Keys[place], parts[place]);
            if (!_batches[view].AreNumbers)
                _batches[view].EndKey();
        }

        Count++;
        return this;
    }

    /// <summary>Takes all keys out.</summary>
    public void Clear()
    {
        Count = 0;
        for (var view = 0; view < _batches.Count; view++)
            _batches[view].Reset(_like.Views[view].Generation.Layout.Keys);
    }

    internal MappedRows Read(MappedState state, long now)
    {
        if (!ReferenceEquals(state, _like))
            GoOver(state);
        for (var view = 0; view < _batches.Count; view++)
        {
            if (_rows[view].Length < Count)
                _rows[view] = new nint[Count * 2];
            state.Views[view].Generation.Find(_batches[view], _rows[view].AsSpan(0, Count));
        }

        return new(state, _rows, Count, now);
    }

    /// <summary>From here on these keys are of another set of generations; the one before is let go of.</summary>
    private void GoOver(MappedState state)
    {
        if (!HasKeysOf(state))
            throw new InvalidOperationException("The views that are mapped have other keys now: make new ones with NewKeys.");
        _like = state;
    }

    private bool HasKeysOf(MappedState state) => state.Views.Count == _like.Views.Count && state.Keys.SequenceEqual(_like.Keys)
        && state.Views.Zip(_like.Views).All(v => v.First.KeyPlaces.SequenceEqual(v.Second.KeyPlaces));

    private void DemandOnePart()
    {
        if (!_hasOnePart)
            throw new InvalidOperationException($"A key has the parts {string.Join(", ", _like.KeyNames)}: give all of them.");
    }
}
