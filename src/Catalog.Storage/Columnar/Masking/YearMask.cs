using System.Numerics;
using System.Runtime.InteropServices;
using Apache.Arrow;

namespace Catalog.Storage.Columnar.Masking;

/// <summary>The first moment of the year, by the Gregorian calendar in UTC; null where the type does not reach back to it.</summary>
/// <param name="unitsInADay">1 where values are days.</param>
internal sealed class YearMask<T>(long unitsInADay) : ArrayMask
    where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
{
    public override bool MakesNulls => true;

    public override ArrayData Of(ArrayRange rows)
    {
        var validity = new RowValidity(rows);
        var room = Room<T>(rows.Rows);
        var into = MemoryMarshal.Cast<byte, T>(room.AsSpan());
        var values = Values<T>(rows);

        // Times of one column tend to be of few years.
        var year = YearOf(T.Zero);
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] < year.First || values[i] > year.Last)
                year = YearOf(values[i]);
            into[i] = year.First;
            if (!year.IsWhole)
                validity.SetNull(i);
        }

        return new(rows.Data.DataType, rows.Rows, validity.Nulls, 0, [validity.Buffer, new(room)]);
    }

    private Year YearOf(T value)
    {
        var number = GregorianYears.OfDay(GregorianYears.Floor(long.CreateChecked(value), unitsInADay));
        var first = (Int128)GregorianYears.FirstDay(number) * unitsInADay;
        var next = (Int128)GregorianYears.FirstDay(number + 1) * unitsInADay;
        return new(T.CreateSaturating(first), T.CreateSaturating(next - 1), IsWhole: first >= Int128.CreateChecked(T.MinValue));
    }

    /// <param name="First">Its first moment, or the first that there is of it.</param>
    /// <param name="Last">Its last moment, or the last that there is of it.</param>
    /// <param name="IsWhole">Whether its first moment is one that there is.</param>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Year(T First, T Last, bool IsWhole);
}

/// <summary>
/// Years of days, counted from 1970-01-01. Reckoned in years that begin on March 1, at whose end the leap day is, and eras of 400 such
/// years.
/// </summary>
internal static class GregorianYears
{
    private const int EraYears = 400;
    private const int EraDays = 146_097;
    private const int EraOf1970 = 719_468; // days from 0000-03-01 to 1970-01-01
    private const int JanuaryFirst = 306; // days from March 1

    public static long OfDay(long day)
    {
        var era = Floor(day + EraOf1970, EraDays);
        var inEra = day + EraOf1970 - (era * EraDays);
        var year = (inEra - (inEra / 1_460) + (inEra / 36_524) - (inEra / 146_096)) / 365;
        var inYear = inEra - DaysBefore(year);
        return (era * EraYears) + year + (inYear >= JanuaryFirst ? 1 : 0);
    }

    public static long FirstDay(long year)
    {
        var era = Floor(year - 1, EraYears);
        return (era * EraDays) + DaysBefore(year - 1 - (era * EraYears)) + JanuaryFirst - EraOf1970;
    }

    public static long Floor(long number, long by) => (number / by) - (number % by < 0 ? 1 : 0);

    private static long DaysBefore(long yearOfEra) => (365 * yearOfEra) + (yearOfEra / 4) - (yearOfEra / 100);
}
