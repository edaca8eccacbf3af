namespace KedaJobs.Scaling.Simulation;

/// <summary>The inverse of the normal distribution's cumulative function.</summary>
/// <remarks>Source: Wichura, algorithm AS 241 (PPND7), Applied Statistics 37, 1988; about 7 digits.</remarks>
internal static class NormalQuantile
{
    public static double At(double share)
    {
        var q = share - 0.5;
        if (Math.Abs(q) <= 0.425)
        {
            var r = 0.180625 - (q * q);
            return q * ((((((59.109374720 * r) + 159.29113202) * r) + 50.434271938) * r) + 3.3871327179)
                / ((((((67.187563600 * r) + 78.757757664) * r) + 17.895169469) * r) + 1.0);
        }

        var tail = Math.Sqrt(-Math.Log(Math.Max(q < 0 ? share : 1 - share, 1e-300)));
        double z;
        if (tail <= 5)
        {
            tail -= 1.6;
            z = ((((((0.17023821103 * tail) + 1.3067284816) * tail) + 2.7568153900) * tail) + 1.4234372777)
                / ((((0.12021132975 * tail) + 0.73700164250) * tail) + 1.0);
        }
        else
        {
            tail -= 5;
            z = ((((((0.017337203997 * tail) + 0.42868294337) * tail) + 3.0812263860) * tail) + 6.6579051150)
                / ((((0.012258202635 * tail) + 0.24197894225) * tail) + 1.0);
        }

        return q < 0 ? -z : z;
    }
}
